"""Logging in with a passkey (S49)."""

import pytest

from tests.accounts.factories import make_administrator
from tests.accounts.passkeys.steps import enrol, log_in, visitor

pytestmark = pytest.mark.django_db


def test_passkey_opens_the_session() -> None:
    passkey, codes = enrol(make_administrator("ann"))
    client = visitor()

    assert log_in(client, passkey).status_code == 302
    assert len(codes) == 10
    assert client.get("/account/").status_code == 200
    assert client.get("/api/v1/account/").json()["two_factor"] is True
