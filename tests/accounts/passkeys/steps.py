"""What somebody with a passkey does in a browser, step by step, by the pages alone."""

import html
import json
import re
from typing import Any

from django.test import Client

from accounts.models import Administrator
from audit.models import AuditEvent
from tests.accounts.factories import PASSWORD, submit_password
from tests.accounts.passkeys.software_passkey import HOST, SoftwarePasskey

NEW = "/account/passkeys/new/"
ASKED = re.compile(r'data-passkey-ask="([^"]*)"')


def visitor(host: str = HOST) -> Client:
    """A browser that opened the console by a name."""
    return Client(HTTP_HOST=host, HTTP_USER_AGENT="Firefox")


def logged_in(administrator: Administrator, *, host: str = HOST) -> Client:
    """The browser of somebody without a second factor."""
    client = visitor(host)
    answer = submit_password(client, username=administrator.username)
    assert answer.status_code == 302, answer.content
    return client


def asked_on(page: Any) -> list[dict[str, Any]]:
    """What a page asks its browser for."""
    found = ASKED.findall(page.content.decode())
    return [json.loads(html.unescape(options)) for options in found]


def add_passkey(
    client: Client, passkey: SoftwarePasskey | None = None, *, name: str = "Key", **wrong: Any
) -> tuple[SoftwarePasskey, Any]:
    """Add a passkey by the page."""
    passkey = passkey or SoftwarePasskey()
    [options] = asked_on(client.get(NEW))
    answer = client.post(NEW, {"name": name, "passkey": passkey.create(options, **wrong)})
    return passkey, answer


def enrol(administrator: Administrator, *, host: str = HOST) -> tuple[SoftwarePasskey, list[str]]:
    """A passkey as the first second factor of all; returns it and the recovery codes."""
    origin = f"https://{host}"
    passkey, answer = add_passkey(logged_in(administrator, host=host), origin=origin)
    return passkey, answer.context["codes"]


def begin_login(client: Client, username: str = "ann") -> list[dict[str, Any]]:
    """The first step; returns what the second one asks for."""
    return asked_on(submit_password(client, username=username))


def submit_passkey(client: Client, answer: str) -> Any:
    """The second step."""
    given = {"login_page-current_step": "token", "token-otp": "", "token-passkey": answer}
    return client.post("/login/", given)


def log_in(client: Client, passkey: SoftwarePasskey, username: str = "ann", **wrong: Any) -> Any:
    """Both steps."""
    [options] = begin_login(client, username)
    return submit_passkey(client, passkey.get(options, **wrong))


def proof(client: Client, path: str, passkey: SoftwarePasskey, **more: Any) -> dict[str, Any]:
    """What a form that asks for both factors takes, from the page at ``path``."""
    [options] = asked_on(client.get(path))
    return {"password": PASSWORD, "passkey": passkey.get(options), **more}


def inside(passkey: SoftwarePasskey) -> Client:
    """A browser that logged in with it."""
    client = visitor()
    log_in(client, passkey)
    return client


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
