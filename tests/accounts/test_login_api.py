"""``auth/login`` and ``auth/logout``."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Administrator, ApiToken
from audit.models import AuditEvent
from tests.accounts.factories import (
    api_client,
    client_with,
    codes_of,
    enable_totp,
    login,
    make_administrator,
)

pytestmark = pytest.mark.django_db


def test_login_gives_a_token_for_twelve_hours() -> None:
    make_administrator("ann")

    answer = login(username="ann")

    assert answer.status_code == 200
    token = ApiToken.objects.get()
    assert answer.json()["must_change_password"] is False
    assert answer.json()["token"].startswith("flt_")
    assert 11.9 < (token.expiry - timezone.now()).total_seconds() / 3600 <= 12
    assert client_with(answer.json()["token"]).get("/api/v1/account/").status_code == 200


def test_token_is_not_stored() -> None:
    make_administrator("ann")

    text = login(username="ann").json()["token"]

    assert text not in str(list(ApiToken.objects.values()))


def test_login_is_recorded() -> None:
    make_administrator("ann")

    login(username="ann")

    event = AuditEvent.objects.get()
    assert (event.user, event.action, event.outcome) == ("ann", "auth.login.succeeded", "ok")
    assert (event.interface, event.source) == ("api", "127.0.0.1")


def test_login_notes_when_it_was() -> None:
    make_administrator("ann")

    login(username="ann")

    assert Administrator.objects.get().last_login is not None


@pytest.mark.parametrize(
    "given",
    [
        {"username": "nobody"},
        {"username": "ann", "password": "wrong"},
        {"username": "blocked"},
        {"username": "sleeping"},
        {"username": "protected"},
        {"username": "protected", "otp": "000000"},
        {"username": "protected", "password": "wrong", "otp": "000000"},
    ],
)
def test_every_refusal_looks_the_same(given: dict[str, Any]) -> None:
    """S49: unknown user, wrong password, wrong code, blocked network, inactive."""
    make_administrator("ann")
    make_administrator("blocked", allowed_networks=["192.0.2.0/24"])
    make_administrator("sleeping", is_active=False)
    enable_totp(make_administrator("protected"))

    answer = login(**given)

    assert answer.status_code == 401
    assert answer.json() == {
        "type": "client_error",
        "errors": [
            {
                "code": "authentication_failed",
                "detail": (
                    "The user name, the password or the code is wrong, or not accepted from here."
                ),
                "attr": None,
            }
        ],
    }
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("username", "password", "reason"),
    [
        ("nobody", "wrong", "password"),
        ("ann", "wrong", "password"),
        ("blocked", "correct horse battery", "network"),
        ("protected", "correct horse battery", "no code"),
    ],
)
def test_audit_trail_tells_refusals_apart(username: str, password: str, reason: str) -> None:
    make_administrator("ann")
    make_administrator("blocked", allowed_networks=["192.0.2.0/24"])
    enable_totp(make_administrator("protected"))

    login(username=username, password=password)

    event = AuditEvent.objects.get(action="auth.login.failed")
    assert (event.user, event.user_kind, event.outcome) == (username, "stranger", "denied")
    assert event.details == {"attempts": 1, "reason": reason}


def test_code_is_asked_for_and_taken() -> None:
    """S49, S51: the code is computed by another program."""
    application, _ = enable_totp(make_administrator("ann"))

    assert login(username="ann", otp=application.code()).status_code == 200


def test_password_of_an_unknown_user_is_hashed_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the time an answer takes does not tell who exists."""
    hashed: list[str] = []

    def note(self: Administrator, password: str) -> None:
        hashed.append(password)

    monkeypatch.setattr(Administrator, "set_password", note)

    login(username="nobody", password="a guess")

    assert hashed == ["a guess"]


def test_ten_wrong_passwords_lock_the_pair_of_user_and_address() -> None:
    make_administrator("ann")
    answers = [login(username="ann", password="wrong") for _ in range(10)]

    locked = login(username="ann")

    assert codes_of(answers[8]) == ["authentication_failed"]
    assert (locked.status_code, codes_of(locked)) == (429, ["too_many_attempts"])
    assert login(APIClient(REMOTE_ADDR="192.0.2.9"), username="ann").status_code == 200


def test_unknown_user_is_locked_like_a_known_one() -> None:
    for _ in range(10):
        login(username="nobody", password="wrong")

    assert codes_of(login(username="nobody")) == ["too_many_attempts"]


def test_guesses_from_one_address_are_limited() -> None:
    for number in range(30):
        login(username=f"user{number}")

    answer = login(username="somebody")

    assert (answer.status_code, codes_of(answer)) == (429, ["throttled"])


def test_a_forwarded_address_does_not_buy_more_guesses() -> None:
    for number in range(30):
        login(APIClient(HTTP_X_FORWARDED_FOR=f"192.0.2.{number}"), username=f"user{number}")

    answer = login(APIClient(HTTP_X_FORWARDED_FOR="198.51.100.1"), username="somebody")

    assert codes_of(answer) == ["throttled"]


@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", ["", None, ["a"], {"a": 1}])
def test_malformed_login_names_the_field(field: str, value: Any) -> None:
    given = {"username": "ann", "password": "x", field: value}

    answer = APIClient().post("/api/v1/auth/login/", given, format="json")

    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [field]


def test_logout_ends_the_token() -> None:
    client = api_client(make_administrator("ann"))

    assert client.post("/api/v1/auth/logout/").status_code == 204

    assert client.get("/api/v1/account/").status_code == 401
    event = AuditEvent.objects.get(action="auth.logged_out")
    assert (event.user, event.interface) == ("ann", "api")


def test_password_never_reaches_the_database_in_the_clear() -> None:
    """Neither the audit trail nor the counter of failures keeps what was typed."""
    from axes.models import AccessAttempt

    login(username="ann", password="typed by mistake")

    stored = str(list(AccessAttempt.objects.values())) + str(list(AuditEvent.objects.values()))
    assert "typed by mistake" not in stored
