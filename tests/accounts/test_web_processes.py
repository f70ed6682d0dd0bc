"""Guessing at two real web processes, which share nothing but the database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections

from accounts.models import Administrator
from tests.accounts.factories import PASSWORD, enable_totp, make_administrator
from tests.cluster.conftest import tls_certificate
from tests.web import Visitor, Web, running_web

__all__ = ["tls_certificate"]

pytestmark = pytest.mark.django_db(transaction=True)
LOGINS, CODES, ADDRESSES = 20, 10, 4
LOGIN = "/login/"


@pytest.fixture
def web(tls_certificate: Path) -> Iterator[Web]:
    with running_web(processes=2) as started:
        yield started
    connections.close_all()


def give_password(visitor: Visitor) -> str:
    """The first step of a fresh login; returns the page that comes then."""
    visitor.get(LOGIN)
    step = {"login_page-current_step": "auth"}
    visitor.post(LOGIN, **step, **{"auth-username": "ann", "auth-password": PASSWORD})
    return visitor.page


def give_code(visitor: Visitor, code: str) -> int:
    return visitor.post(LOGIN, **{"login_page-current_step": "token", "token-otp": code})


def guess(web: Web, number: int) -> bool:
    """A fresh login, and ten wrong codes; returns whether it was asked for a code at all."""
    visitor = Visitor(web, forwarded=f"192.0.2.{number % ADDRESSES}")
    asked = "token-otp" in give_password(visitor)
    for code in range(CODES):
        give_code(visitor, f"{number:02}{code:04}")
    return asked


def test_of_two_hundred_wrong_codes_ten_are_looked_at_and_a_restart_forgives_none(
    web: Web,
) -> None:
    """S49: twenty fresh logins, four forwarded addresses, two processes."""
    application, _ = enable_totp(make_administrator("ann"))

    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda number: guess(web, number), range(LOGINS)))

    assert asked == [True] * LOGINS
    assert web.busy_processes() == 2
    assert Administrator.objects.get().wrong_codes == 10
    web.kill()
    web.start()
    visitor = Visitor(web, forwarded="192.0.2.9")
    give_password(visitor)
    assert give_code(visitor, application.code()) == 200
    assert Administrator.objects.get().is_blocked
