"""Guessing on every way in: what is counted, and that no trick buys more."""

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Administrator
from tests.accounts.factories import (
    PASSWORD,
    api_client,
    browser,
    codes_of,
    enable_totp,
    login,
    make_administrator,
    submit_code,
    submit_password,
)

pytestmark = pytest.mark.django_db


def from_behind(address: str) -> APIClient:
    return APIClient(HTTP_X_FORWARDED_FOR=address)


def test_forwarded_addresses_buy_no_more_passwords() -> None:
    """Whoever connects is counted, and not whom a header names."""
    make_administrator("ann")
    for number in range(10):
        login(from_behind(f"192.0.2.{number}"), username="ann", password="wrong")

    answer = login(from_behind("198.51.100.1"), username="ann")

    assert codes_of(answer) == ["too_many_attempts"]


def test_host_counts_once_whichever_of_its_ipv6_addresses_it_comes_from() -> None:
    """RFC 4291, 2.5.1: the last 64 bits are its own choice."""
    make_administrator("ann")
    for number in range(10):
        login(APIClient(REMOTE_ADDR=f"2001:db8::{number}"), username="ann", password="wrong")

    answer = login(APIClient(REMOTE_ADDR="2001:db8::77"), username="ann")

    assert codes_of(answer) == ["too_many_attempts"]
    assert login(APIClient(REMOTE_ADDR="2001:db8:0:1::"), username="ann").status_code == 200


def test_hosts_logins_are_limited_over_all_its_ipv6_addresses() -> None:
    for number in range(30):
        login(APIClient(REMOTE_ADDR=f"2001:db8::{number}"), username=f"nobody{number}")

    answer = login(APIClient(REMOTE_ADDR="2001:db8::77"), username="nobody")

    assert codes_of(answer) == ["throttled"]


def test_another_address_is_not_locked_by_a_strangers_guesses() -> None:
    make_administrator("ann")
    for _ in range(11):
        login(username="ann", password="wrong")

    assert login(APIClient(REMOTE_ADDR="192.0.2.7"), username="ann").status_code == 200


def test_page_api_and_proof_count_together() -> None:
    ann = make_administrator("ann")
    page, program = browser(ann), api_client(ann)
    for _ in range(3):
        submit_password(Client(), username="ann", password="wrong")
        login(username="ann", password="wrong")
        program.post("/api/v1/account/proof/", {"password": "wrong"}, format="json")

    last = page.post("/account/two-factor/", {"password": "wrong"})

    assert "Too many failed attempts" in last.content.decode()
    assert login(username="ann").status_code == 429


def test_of_two_hundred_wrong_codes_over_fresh_logins_ten_are_looked_at() -> None:
    """Twenty logins with the right password, four forwarded addresses, ten codes each."""
    application, _ = enable_totp(make_administrator("ann"))
    for number in range(20):
        client = Client(HTTP_X_FORWARDED_FOR=f"192.0.2.{number % 4}")
        submit_password(client, username="ann")
        for guess in range(10):
            submit_code(client, f"{number:02}{guess:04}")

    ann = Administrator.objects.get()
    assert (ann.wrong_codes, ann.is_blocked) == (10, True)
    assert login(username="ann", otp=application.code()).status_code == 401


def test_another_process_counts_the_same() -> None:
    """Nothing is counted in a process' memory alone."""
    enable_totp(make_administrator("ann"))
    for _ in range(10):
        login(username="ann", otp="000000")
        cache.clear()

    assert Administrator.objects.get().is_blocked


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("post", "/api/v1/account/password/", {"current_password": "no", "new_password": PASSWORD}),
        ("post", "/api/v1/account/totp/", {"password": "no"}),
        ("post", "/api/v1/account/proof/", {"password": "no"}),
    ],
)
def test_session_that_was_left_open_guesses_no_better(
    method: str, path: str, given: dict[str, str]
) -> None:
    client = api_client(make_administrator("ann"))

    for _ in range(10):
        answer = getattr(client, method)(path, given, format="json")

    assert codes_of(answer) == ["too_many_attempts"]
