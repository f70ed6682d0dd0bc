"""Hashing passwords, one after the other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from rest_framework.test import APIClient

from accounts import hashing
from accounts.hashing import PatientArgon2Hasher
from accounts.known_browsers import COOKIE
from tests.accounts.factories import (
    PASSWORD,
    api_client,
    browser,
    codes_of,
    login,
    make_administrator,
    submit_password,
)

pytestmark = pytest.mark.django_db
MOMENT = 0.01


def test_passwords_are_hashed_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[str] = []
    seen: list[int] = []

    def verify(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        inside.append(password)
        seen.append(len(inside))
        Event().wait(timeout=MOMENT)
        inside.remove(password)
        return True

    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: PatientArgon2Hasher().verify(name, ""), "abcdef"))

    assert seen == [1] * 6


@pytest.fixture
def full_house(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """As many wait already as may."""
    fill(monkeypatch, settings)


def test_program_that_finds_no_room_to_wait_is_told_when_to_come_back(full_house: None) -> None:
    answer = login(APIClient(raise_request_exception=False), username="ann")

    assert (answer.status_code, codes_of(answer)) == (503, ["too_many_logins"])
    assert answer.headers["Retry-After"] == "5"


def fill(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Let strangers take all that they can get."""
    settings.PASSWORD_HASHERS = ["accounts.hashing.PatientArgon2Hasher"]
    monkeypatch.setattr(hashing, "_room", Semaphore(0))


def test_browser_that_somebody_logged_in_from_finds_a_place(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    ann = make_administrator("ann")
    known = browser(ann)
    known.post("/logout/")
    fill(monkeypatch, settings)
    ann.set_password(PASSWORD)
    ann.save()

    assert "Too many people" in submit_password(Client(), username="ann").content.decode()
    assert "Too many people" in submit_password(known, username="bob").content.decode()
    assert submit_password(known, username="ann").status_code == 302


def test_cookie_that_was_not_made_here_gets_no_place(full_house: None) -> None:
    client = Client()
    client.cookies[COOKIE] = "ann:1w:forged"

    answer = submit_password(client, username="ann")

    assert "Too many people" in answer.content.decode()


def test_whoever_is_logged_in_finds_a_place(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    ann = make_administrator("ann")
    program = api_client(ann)
    fill(monkeypatch, settings)
    ann.set_password(PASSWORD)
    ann.save()

    answer = program.post("/api/v1/account/proof/", {"password": PASSWORD}, format="json")

    assert answer.status_code == 204


def test_page_says_so_too(full_house: None) -> None:
    answer = submit_password(Client(), username="ann")

    assert "Too many people are logging in" in answer.content.decode()
