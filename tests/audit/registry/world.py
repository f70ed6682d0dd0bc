"""Where the deeds of the registry are done: a browser, a program, root's shell, other nodes."""

import io
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit.services import head
from tests.accounts.factories import (
    api_client,
    enable_totp,
    log_in_directly,
    make_administrator,
    named_client,
)

ADDRESS = "198.51.100.7"
BROWSER = "Firefox"
PROGRAM = "curl"
SUDO = "alice"


@dataclass
class World:
    """Ann is an administrator; ``begin`` is said when all is ready for the deed."""

    fixtures: pytest.FixtureRequest
    monkeypatch: pytest.MonkeyPatch
    begun: int = 0

    def use(self, name: str) -> Any:
        """That fixture, made now."""
        return self.fixtures.getfixturevalue(name)

    def begin(self) -> None:
        """What was recorded until now is no part of the deed."""
        self.begun = head()["count"]

    @cached_property
    def ann(self) -> Administrator:
        return make_administrator("ann")

    @cached_property
    def browser(self) -> Client:
        """Ann's, who has just given her password."""
        client = Client(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=BROWSER)
        log_in_directly(client, self.ann)
        return client

    @cached_property
    def program(self) -> APIClient:
        """Ann's, with a token that she has made, and has used from there before."""
        client = named_client(self.ann)
        client.default_format = "json"
        client.defaults |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": PROGRAM}
        assert client.get("/api/v1/account/").status_code == 200
        return client

    @cached_property
    def login(self) -> APIClient:
        """Ann's program with the token of a login."""
        client = api_client(self.ann)
        client.default_format = "json"
        client.defaults |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": PROGRAM}
        return client

    @cached_property
    def stranger(self) -> Client:
        """A browser in which nobody is logged in."""
        return Client(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=BROWSER)

    def page(self, path: str, /, **typed: Any) -> Any:
        """Fill in a form of the console."""
        client = self.browser
        self._begin_once()
        answer = client.post(path, typed)
        assert answer.status_code in (200, 302), answer.content
        return answer

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API, with a named token."""
        return self._call(self.program, method, path, body)

    def send(self, path: str, content: bytes) -> Any:
        """A file to the API, with a named token."""
        self._begin_once()
        answer = self.program.generic("POST", f"/api/v1/{path}", content, "application/x-tar")  # type: ignore[arg-type]  # it takes bytes
        assert answer.status_code < 300, answer.content
        return answer

    def api_of_login(self, method: str, path: str, body: Any = None) -> Any:
        """What a named token may not do."""
        return self._call(self.login, method, path, body)

    def _call(self, client: APIClient, method: str, path: str, body: Any) -> Any:
        self._begin_once()
        answer = getattr(client, method)(f"/api/v1/{path}", body)
        assert answer.status_code < 300, answer.content
        return answer

    def command(self, *words: str, stdin: str = "") -> str:
        """Run a command as root, by sudo; returns what it prints."""
        self._begin_once()
        self.monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        out, err = io.StringIO(), io.StringIO()
        call_command(*words, stdout=out, stderr=err)
        return out.getvalue()

    def failing_command(self, *words: str, stdin: str = "") -> None:
        """One that ends with an error."""
        with pytest.raises(CommandError):
            self.command(*words, stdin=stdin)

    def api_cli(self, action: str, **data: Any) -> None:
        self.command("api_cli", "run", action, "--data", json.dumps(data))

    def with_second_factor(self) -> tuple[Any, list[str]]:
        """Ann's application and recovery codes."""
        return enable_totp(self.ann)

    def _begin_once(self) -> None:
        if not self.begun:
            self.begin()
