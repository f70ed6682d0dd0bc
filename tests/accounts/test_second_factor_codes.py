"""Codes of the second factor: good once, and wrong ones are counted."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Administrator
from tests.accounts.factories import api_client, enable_totp, login, make_administrator
from tests.accounts.second_factor import PATH, begin

pytestmark = pytest.mark.django_db


def test_code_works_once() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    code = application.code()

    assert login(username="ann", otp=code).status_code == 200
    assert login(username="ann", otp=code).status_code == 401


def test_code_that_confirmed_the_key_does_not_log_in() -> None:
    client = api_client(make_administrator("ann"))
    application = begin(client)
    code = application.code()

    client.put(PATH, {"otp": code}, format="json")

    assert login(username="ann", otp=code).status_code == 401


def test_used_code_does_not_count_as_a_wrong_one() -> None:
    """A double click must not lock its owner out."""
    application, _ = enable_totp(make_administrator("ann"))
    code = application.code()

    for _ in range(15):
        login(username="ann", otp=code)

    assert Administrator.objects.get(username="ann").wrong_codes == 0


def test_ten_wrong_codes_block_the_account_for_an_hour() -> None:
    application, codes = enable_totp(make_administrator("ann"))
    for _ in range(10):
        login(username="ann", otp="000000")

    assert login(username="ann", otp=application.code()).status_code == 401
    assert login(username="ann", otp=codes[0]).status_code == 401
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert login(username="ann", otp=application.code()).status_code == 200


def test_counting_begins_anew_after_the_hour() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    for _ in range(10):
        login(username="ann", otp="000000")

    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        login(username="ann", otp="000000")
        assert login(username="ann", otp=application.code()).status_code == 200


def test_right_code_forgives_the_wrong_ones() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    for _ in range(9):
        login(username="ann", otp="000000")

    assert login(username="ann", otp=application.code()).status_code == 200
    assert Administrator.objects.get(username="ann").wrong_codes == 0


@pytest.mark.parametrize("otp", ["١٢٣٤٥٦", "12345", "1234567", " ", "-", "é" * 64, "0x1234"])
def test_what_is_no_code_is_refused(otp: str) -> None:
    enable_totp(make_administrator("ann"))

    assert login(username="ann", otp=otp).status_code == 401
