"""Fields that a form or an endpoint does not have, sent to it all the same."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from accounts.models import Administrator, ApiToken, Authenticator, Passkey
from tests.accounts.factories import (
    NEW_PASSWORD,
    PASSWORD,
    log_in_directly,
    make_administrator,
    make_auditor,
)
from tests.routes import METHODS, Route, all_routes

pytestmark = pytest.mark.django_db

SMUGGLED: dict[str, Any] = {
    "id": 1,
    "pk": 1,
    "is_superuser": True,
    "is_staff": True,
    "is_active": True,
    "must_change_password": False,
    "two_factor": True,
    "has_two_factor": True,
    "totp_secret": "A" * 32,
    "authenticator": {"key": "00" * 20},
    "recovery_codes": ["abcd"],
    "last_login": "2000-01-01T00:00:00Z",
    "created_at": "2000-01-01T00:00:00Z",
    "failures_since_login": 0,
    "proved_at": "2100-01-01T00:00:00Z",
    "kind": "login",
    "user": 1,
    "digest": "00" * 32,
    "expiry": "2100-01-01T00:00:00Z",
}
"""What nobody can set by a request."""
OWN = {
    **SMUGGLED,
    "username": "root",
    "full_name": "Root",
    "email": "root@example.org",
    "role": "administrator",
    "allowed_networks": [],
}
"""What nobody can set for themselves."""


@dataclass(frozen=True)
class Door:
    """A form or an endpoint, and what it takes."""

    path: str
    takes: dict[str, Any] = field(default_factory=dict)
    method: str = "post"

    def send(self, client: Client, smuggled: dict[str, Any]) -> Any:
        given = smuggled | self.takes
        if not self.path.startswith("/api/"):
            return client.post(self.path, {name: str(value) for name, value in given.items()})
        call = getattr(client, self.method)
        return call(self.path, json.dumps(given), content_type="application/json")


OWN_DOORS = (
    Door("/account/password/", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
    Door("/account/language/", {"language": ""}),
    Door("/api/v1/account/", {"language": ""}, "patch"),
    Door("/account/two-factor/", {"password": PASSWORD}),
    Door("/account/two-factor/confirm/", {"otp": "000000"}),
    Door("/account/two-factor/disable/", {"password": PASSWORD, "otp": "000000"}),
    Door("/account/two-factor/recovery-codes/", {"password": PASSWORD, "otp": "000000"}),
    Door("/account/passkeys/new/", {"name": "mine", "passkey": "{}"}),
    Door("/account/passkeys/somebody/rename/", {"name": "mine"}),
    Door("/account/passkeys/somebody/remove/", {"password": PASSWORD, "otp": "000000"}),
    Door("/account/sessions/end/"),
    Door("/account/sessions/somebody/end/"),
    Door("/account/tokens/0b5c64c1-6d2f-4d0b-9d4c-111111111111/revoke/"),
    Door("/api/v1/account/password/", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
    Door("/api/v1/account/totp/", {"password": PASSWORD}),
    Door("/api/v1/account/totp/", {"otp": "000000"}, "put"),
    Door("/api/v1/account/totp/", {"password": PASSWORD, "otp": "000000"}, "delete"),
    Door("/api/v1/account/recovery-codes/", {"password": PASSWORD, "otp": "000000"}),
    Door("/api/v1/account/passkeys/somebody/", {"name": "mine"}, "patch"),
    Door("/api/v1/account/passkeys/somebody/", {"password": PASSWORD, "otp": "0"}, "delete"),
    Door("/api/v1/account/proof/", {"password": PASSWORD}),
    Door("/api/v1/account/sessions/", method="delete"),
    Door("/api/v1/account/sessions/somebody/", method="delete"),
    Door("/api/v1/tokens/0b5c64c1-6d2f-4d0b-9d4c-111111111111/", method="delete"),
)
"""What everybody may do with their own account, tokens aside."""
TOKEN_DOORS = (
    Door("/account/tokens/new/", {"name": "mine", "days": 1, "allowed_networks": ""}),
    Door("/api/v1/tokens/", {"name": "mine", "allowed_networks": []}),
)
LEAVING = {"/logout/", "/api/v1/auth/logout/"}
CREATE_DOORS = (
    Door("/settings/create-administrator/", {"username": "bob", "role": "auditor"}),
    Door("/api/v1/administrators/", {"username": "bob", "role": "auditor"}),
)
CHANGE_DOORS = (
    Door(
        "/settings/administrators/bob/",
        {"full_name": "Bob", "role": "auditor", "is_active": "on", "allowed_networks": ""},
    ),
    Door("/api/v1/administrators/bob/", {"full_name": "Bob", "role": "auditor"}, "patch"),
)


def named(door: Door) -> str:
    return f"{door.method} {door.path}"


def rows() -> list[dict[str, Any]]:
    """Everybody, but for the password."""
    names = [field.name for field in Administrator._meta.fields if field.name != "password"]
    return list(Administrator.objects.order_by("pk").values(*names))


@pytest.fixture
def otto() -> Client:
    """The browser of an auditor, who is not the first of all."""
    make_administrator("ann")
    client = Client()
    log_in_directly(client, make_auditor("otto"))
    return client


@pytest.fixture
def ann() -> Client:
    client = Client()
    log_in_directly(client, make_administrator("ann"))
    return client


def test_every_way_to_change_ones_own_account_is_tried() -> None:
    own = {route.path for route in all_routes() if route.is_own_account and changes(route)}

    tried = {door.path for door in (*OWN_DOORS, *TOKEN_DOORS)}
    assert tried == own - LEAVING


def changes(route: Route) -> bool:
    """Whether the route takes anything but a look."""
    made = getattr(route.view, "cls", None) or route.view.view_class
    return any(hasattr(made, method) for method in METHODS if method != "get") or hasattr(
        route.view, "actions"
    )


@pytest.mark.parametrize("door", OWN_DOORS, ids=named)
def test_nobody_smuggles_anything_into_their_own_account(otto: Client, door: Door) -> None:
    before = rows()

    answer = door.send(otto, OWN)

    assert answer.status_code < 500
    assert rows() == before
    assert not Authenticator.objects.filter(confirmed=True).exists()
    assert not Passkey.objects.exists()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("door", TOKEN_DOORS, ids=named)
def test_nobody_smuggles_anything_into_a_token(otto: Client, door: Door) -> None:
    before = rows()

    answer = door.send(otto, OWN)

    assert answer.status_code in (200, 201)
    token = ApiToken.objects.select_related("user").get()
    assert (token.user.username, token.kind, token.proved_at) == ("otto", "named", None)
    assert token.digest != SMUGGLED["digest"]
    assert token.expiry.year < 2100
    assert rows() == before


@pytest.mark.parametrize("door", CREATE_DOORS, ids=named)
def test_nobody_smuggles_anything_into_a_new_account(ann: Client, door: Door) -> None:
    first = Administrator.objects.get().pk

    answer = door.send(ann, SMUGGLED | {"password": NEW_PASSWORD})

    assert answer.status_code in (200, 201)
    bob = Administrator.objects.get(username="bob")
    assert (bob.role, bob.must_change_password, bob.last_login) == ("auditor", True, None)
    assert not bob.is_superuser
    assert bob.created_at.year > 2000
    assert bob.pk != first
    assert not bob.check_password(NEW_PASSWORD)
    assert not bob.two_factor


@pytest.mark.parametrize("door", CHANGE_DOORS, ids=named)
def test_nobody_smuggles_anything_into_another_account(ann: Client, door: Door) -> None:
    bob = make_administrator("bob", must_change_password=True, failures_since_login=7)

    answer = door.send(ann, SMUGGLED | {"password": NEW_PASSWORD, "username": "root"})

    assert answer.status_code in (200, 302)
    pk, created_at = bob.pk, bob.created_at
    bob.refresh_from_db()
    assert (bob.pk, bob.created_at, bob.username) == (pk, created_at, "bob")
    assert (bob.full_name, bob.role) == ("Bob", "auditor")
    assert (bob.must_change_password, bob.failures_since_login) == (True, 7)
    assert not bob.is_superuser
    assert bob.check_password(PASSWORD)
    assert not bob.two_factor
