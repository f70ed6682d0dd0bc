"""Who somebody was, and how that was made sure, is in the event."""

import pytest

from audit.actions import AuditAction
from audit.models import AuditEvent
from tests.accounts.factories import (
    PASSWORD,
    api_client,
    browser,
    enable_totp,
    login,
    make_administrator,
    submit_code,
    submit_password,
)

pytestmark = pytest.mark.django_db


def proof(action: AuditAction) -> str:
    """Of the newest event of that kind."""
    return AuditEvent.objects.filter(action=action).latest("id").verified


def test_session_was_opened_with_a_password() -> None:
    client = browser(make_administrator("ann"))
    assert proof(AuditAction.LOGIN_SUCCEEDED) == "password"

    client.post("/logout/")

    assert proof(AuditAction.LOGGED_OUT) == "password"


def test_session_was_opened_with_password_and_code() -> None:
    application, _ = enable_totp(make_administrator("ann"))
    client = browser()
    submit_password(client, username="ann")
    submit_code(client, application.code())
    assert proof(AuditAction.LOGIN_SUCCEEDED) == "password and code"

    client.post("/logout/")

    assert proof(AuditAction.LOGGED_OUT) == "password and code"


def test_program_logs_in_with_every_factor_and_then_has_a_token() -> None:
    ann = make_administrator("ann")
    login(username="ann", password=PASSWORD)
    assert proof(AuditAction.LOGIN_SUCCEEDED) == "password"

    api_client(ann).post("/api/v1/auth/logout/")

    assert proof(AuditAction.LOGGED_OUT) == "token"


def test_stranger_has_proved_nothing() -> None:
    login(username="ann", password="wrong")

    assert proof(AuditAction.LOGIN_FAILED) == ""
