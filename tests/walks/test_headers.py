"""What every answer tells the browser, whoever asked and however it went."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.views.account import AccountPage
from tests.access import read_table
from tests.node_files import write_node_file
from tests.routes import all_routes
from tests.walks.callers import Callers, undone

pytestmark = pytest.mark.django_db
HEADERS = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PATHS = {route.pattern: route.path for route in all_routes()}
ROWS = [row for row in read_table() if row.pattern in PATHS]


def told(answer: Any) -> dict[str, str]:
    """Of the headers that every answer has."""
    return {name: answer.headers.get(name, "") for name in HEADERS}


def policy(answer: Any) -> Mapping[str, str]:
    """The Content Security Policy, by its directives."""
    parts = answer.headers.get("Content-Security-Policy", "").split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


def is_sound(answer: Any) -> bool:
    """Whether nothing is missing, and nobody may keep a copy."""
    private = "no-store" in answer.headers.get("Cache-Control", "")
    return (told(answer), policy(answer), private) == (HEADERS, POLICY, True)


def ask(client: Client, method: str, path: str, **values: Any) -> Any:
    with undone(client):
        answer = getattr(client, method)(path, secure=True, **values)
        b"".join(answer)
        return answer


@pytest.mark.parametrize("kind", ["stranger", "admin"])
def test_every_answer_of_every_route_has_them(kind: str, callers: Callers) -> None:
    client = getattr(callers, kind)()

    answers = {row.name: ask(client, row.method, PATHS[row.pattern]) for row in ROWS}

    assert [name for name, answer in answers.items() if not is_sound(answer)] == []


BAD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "400": ("post", "/api/v1/auth/login/", {"data": "{", "content_type": "application/json"}),
    "401": ("get", "/api/v1/account/", {"headers": {"Authorization": "Bearer flt_x"}}),
    "404": ("get", "/no/such/page/", {}),
    "404 api": ("get", "/api/v1/no-such-thing/", {}),
    "404 agent": ("get", "/agent/v1/no-such-thing", {}),
    "405": ("delete", "/account/", {}),
    "405 agent": ("get", "/agent/v1/sync", {}),
    "413": (
        "post",
        "/api/v1/auth/login/",
        {"data": f'"{"x" * 2**21}"', "content_type": "application/json"},
    ),
    "415": ("post", "/api/v1/auth/login/", {"data": "x", "content_type": "text/plain"}),
    "400 too many fields": (
        "post",
        "/login/",
        {
            "data": "a=1&" * 2000,
            "content_type": "application/x-www-form-urlencoded",
        },
    ),
    "301": ("get", "/account", {}),
    "302": ("get", "/account/", {}),
}


@pytest.mark.parametrize("status", BAD)
def test_error_has_them_too(status: str, callers: Callers) -> None:
    method, path, values = BAD[status]

    answer = ask(callers.stranger(), method, path, **values)

    assert (answer.status_code, is_sound(answer)) == (int(status.split()[0]), True)


def test_forged_request_is_answered_with_them(callers: Callers) -> None:
    client = callers.admin()
    client.handler.enforce_csrf_checks = True

    answer = ask(client, "post", "/logout/")

    assert (answer.status_code, is_sound(answer)) == (403, True)


def test_crash_is_answered_with_them(callers: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(AccountPage, "get", crash)

    answer = ask(callers.admin(), "get", "/account/")

    assert (answer.status_code, is_sound(answer)) == (500, True)


@pytest.mark.parametrize("role", ["uninitialised", "worker", "deposed", "removed"])
@pytest.mark.parametrize("path", ["/", "/nodes/", "/api/v1/nodes/", "/agent/v1/sync", "/login/"])
def test_node_in_every_role_answers_with_them(role: str, path: str, callers: Callers) -> None:
    write_node_file(django_settings.FLOTILLA.NODE_FILE, role=role)

    assert is_sound(ask(callers.stranger(), "get", path))


def test_style_sheet_may_be_kept_and_has_the_rest(client: Client, settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True

    answer = client.get("/static/console/console.css", secure=True)
    b"".join(answer)

    assert (answer.status_code, told(answer), policy(answer)) == (200, HEADERS, POLICY)
    assert "no-store" not in answer.headers["Cache-Control"]
