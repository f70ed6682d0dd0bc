"""When a session is over: nobody has used it for a while, or it has lasted a day's work."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.accounts.factories import browser, make_administrator

pytestmark = pytest.mark.django_db


def test_session_that_nobody_uses_ends_after_half_an_hour() -> None:
    client = browser(make_administrator("ann"))

    with time_machine.travel(timezone.now() + timedelta(minutes=30, seconds=5)):
        answer = client.get("/account/")

    assert answer.headers["Location"].startswith("/login/")


def test_session_that_is_used_goes_on() -> None:
    client = browser(make_administrator("ann"))
    start = timezone.now()

    for minutes in (20, 40, 60):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert client.get("/account/").status_code == 200


def test_what_a_page_asks_for_by_itself_is_not_use() -> None:
    client = browser(make_administrator("ann"))
    start = timezone.now()
    with time_machine.travel(start + timedelta(minutes=20)):
        client.get("/account/", HTTP_HX_REQUEST="true")

    with time_machine.travel(start + timedelta(minutes=31)):
        answer = client.get("/account/", HTTP_HX_REQUEST="true")

    assert answer.headers["HX-Refresh"] == "true"


def test_session_ends_after_twelve_hours_of_use() -> None:
    client = browser(make_administrator("ann"))
    start = timezone.now()
    for minutes in range(0, 12 * 60, 25):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert client.get("/account/").status_code == 200

    with time_machine.travel(start + timedelta(hours=12, seconds=1)):
        assert client.get("/account/").status_code == 302
