"""What takes time at a login is the same whoever it is, so that the time tells nothing (S49)."""

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from tests.accounts.factories import (
    PASSWORD,
    enable_totp,
    login,
    make_administrator,
    submit_password,
)

pytestmark = pytest.mark.django_db
WRONG = "staple the battery"
WAYS: list[dict[str, Any]] = [
    {"username": "nobody", "password": WRONG},
    {"username": "nobody", "password": WRONG, "otp": "000000"},
    {"username": "ann", "password": WRONG},
    {"username": "protected", "password": WRONG, "otp": "000000"},
    {"username": "protected", "password": PASSWORD, "otp": "000000"},
    {"username": "protected", "password": PASSWORD},
    {"username": "blocked", "password": PASSWORD},
    {"username": "blocked", "password": WRONG},
    {"username": "sleeping", "password": PASSWORD},
    {"username": "ann", "password": PASSWORD},
]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is hashed from now on."""
    make_administrator("ann")
    make_administrator("blocked", allowed_networks=["192.0.2.0/24"])
    make_administrator("sleeping", is_active=False)
    enable_totp(make_administrator("protected"))
    done: list[str] = []
    encode = MD5PasswordHasher.encode

    def note(self: MD5PasswordHasher, password: str, salt: str) -> str:
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", note)
    return done


@pytest.mark.parametrize("given", WAYS, ids=lambda given: "-".join(given.values()))
def test_one_password_is_hashed_by_the_api_whoever_it_is(
    given: dict[str, Any], hashed: list[str]
) -> None:
    login(**given)

    assert hashed == [given["password"]]


@pytest.mark.parametrize("given", WAYS, ids=lambda given: "-".join(given.values()))
def test_one_password_is_hashed_by_the_page_whoever_it_is(
    given: dict[str, Any], hashed: list[str]
) -> None:
    submit_password(Client(), username=given["username"], password=given["password"])

    assert hashed == [given["password"]]
