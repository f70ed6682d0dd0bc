"""What somebody is told of attempts under their name."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import Administrator
from tests.accounts.factories import (
    api_client,
    browser,
    enable_totp,
    login,
    make_administrator,
    submit_password,
)

pytestmark = pytest.mark.django_db


def fail(username: str, *, times: int) -> None:
    for _ in range(times):
        login(username=username, password="wrong")


def told(client: Client) -> list[str]:
    """The messages on the page that comes next."""
    return [str(message) for message in get_messages(client.get("/account/").wsgi_request)]


def counted(username: str) -> tuple[int, int]:
    """Before the last login, and since."""
    found = Administrator.objects.get(username=username)
    return found.failures_before_login, found.failures_since_login


def test_owner_is_told_after_the_login_how_many_failed() -> None:
    ann = make_administrator("ann")
    fail("ann", times=3)

    assert told(browser(ann)) == ["3 attempts to log in as you failed since your last login."]


def test_owner_is_told_nothing_where_none_failed() -> None:
    ann = make_administrator("ann")
    fail("nobody", times=3)

    assert told(browser(ann)) == []


def test_wrong_code_counts_as_much() -> None:
    ann = make_administrator("ann")
    enable_totp(ann)

    login(username="ann", otp="000000")

    assert counted("ann") == (0, 1)


def test_each_login_begins_to_count_anew() -> None:
    ann = make_administrator("ann")
    fail("ann", times=3)
    login(username="ann")
    fail("ann", times=1)

    assert counted("ann") == (3, 1)
    assert told(browser(ann)) == ["1 attempt to log in as you failed since your last login."]


def test_attempts_under_another_name_are_not_mine() -> None:
    make_administrator("ann")
    make_administrator("bob")

    fail("bob", times=2)

    assert counted("ann") == (0, 0)


def test_account_card_and_api_say_it_too() -> None:
    ann = make_administrator("ann")
    fail("ann", times=2)
    page = browser(ann)
    fail("ann", times=1)

    said: dict[str, Any] = api_client(ann).get("/api/v1/account/").json()

    assert "2 before your last login, 1 since" in page.get("/account/").content.decode()
    assert (said["failures_before_login"], said["failures_since_login"]) == (2, 1)


def test_failure_is_told_after_the_first_password_was_changed_too() -> None:
    make_administrator("ann", must_change_password=True)
    fail("ann", times=1)
    client = browser()

    submit_password(client, username="ann")

    assert "1 attempt to log in as you failed" in client.get("/account/password/").content.decode()
