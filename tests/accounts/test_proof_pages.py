"""The page that asks for password and code again, and keeps what was typed."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from accounts.models import Administrator, Authenticator
from audit.models import AuditEvent
from tests.accounts.authenticator_app import AuthenticatorApp
from tests.accounts.factories import (
    PASSWORD,
    browser,
    enable_totp,
    make_administrator,
    people,
    submit_code,
    submit_password,
)

pytestmark = pytest.mark.django_db
NEW_PAGE = "/settings/create-administrator/"


@pytest.mark.parametrize(
    "path",
    [
        NEW_PAGE,
        "/settings/administrators/ann/",
        "/settings/administrators/ann/delete/",
        "/settings/administrators/ann/reset-password/",
        "/settings/access-policy/",
        "/account/tokens/new/",
        "/account/two-factor/confirm/",
        "/nodes/add/",
        "/nodes/2/remove/",
        "/nodes/2/promote/",
        "/follow-leader/",
        "/reassert-leader/",
    ],
)
def test_pages_ask_who_it_is(old_session: Any, path: str) -> None:
    answer = old_session.post(path, {"some": "field"})

    assert "Confirm that it is you" in answer.content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_gets_around_the_question(old_session: Any, method: str) -> None:
    """Django's forms would take PUT for POST."""
    make_administrator("bob")

    answer = getattr(old_session, method)("/settings/administrators/bob/delete/")

    assert answer.status_code == 405
    assert people() == {"ann", "bob"}


def test_page_does_what_was_asked_for_once_the_proof_is_right(old_session: Any) -> None:
    typed = {"username": "eve", "role": "auditor", "allowed_networks": "192.0.2.0/24\n::1/128"}
    asked = old_session.post(NEW_PAGE, typed)
    kept = dict(asked.context["typed"])

    done = old_session.post(NEW_PAGE, {**kept, "proof-password": PASSWORD})

    assert kept == typed
    assert "eve was created" in done.content.decode()
    eve = Administrator.objects.get(username="eve")
    assert (eve.role, eve.allowed_networks) == ("auditor", ["192.0.2.0/24", "::1/128"])


def test_page_asks_again_after_a_wrong_password_and_keeps_what_was_typed(old_session: Any) -> None:
    answer = old_session.post(
        NEW_PAGE, {"username": "eve", "role": "auditor", "proof-password": "wrong"}
    )

    page = answer.content.decode()
    assert "The password or the code is wrong" in page
    assert '<input type="hidden" name="username" value="eve">' in page
    assert "wrong</" not in page
    assert people() == {"ann"}


def test_page_asks_for_a_code_only_where_there_is_a_second_factor(old_session: Any) -> None:
    without = old_session.post(NEW_PAGE, {}).content.decode()

    assert 'name="proof-password"' in without
    assert 'name="proof-otp"' not in without


def test_page_takes_password_and_code(ann: Administrator) -> None:
    application, _ = enable_totp(ann)
    client = browser()
    submit_password(client, username="ann")
    submit_code(client, application.code())
    typed = {"username": "eve", "role": "auditor", "proof-password": PASSWORD}

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        refused = client.post(NEW_PAGE, typed)
        done = client.post(NEW_PAGE, {**typed, "proof-otp": application.code()})

    assert "Confirm that it is you" in refused.content.decode()
    assert "eve was created" in done.content.decode()
    assert people() == {"ann", "eve"}


def test_page_needs_the_browsers_token_against_forgery(ann: Administrator) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)

    answer = client.post(NEW_PAGE, {"username": "eve", "proof-password": PASSWORD})

    assert "Confirm that it is you" not in answer.content.decode()
    assert (answer.status_code, people()) == (403, {"ann"})


def test_password_of_a_proof_is_kept_nowhere(old_session: Any) -> None:
    old_session.post(NEW_PAGE, {"username": "eve", "proof-password": "a secret guess"})

    assert "a secret guess" not in str(AccessAttempt.objects.values())
    assert "a secret guess" not in str(AuditEvent.objects.values())


def test_setting_up_a_second_factor_is_a_proof(old_session: Any) -> None:
    """It asks for the password itself, so that nobody is asked twice."""
    old_session.post("/account/two-factor/", {"password": PASSWORD})
    code = AuthenticatorApp(Authenticator.objects.get().key).code()

    answer = old_session.post("/account/two-factor/confirm/", {"otp": code})

    assert "recovery codes" in answer.content.decode()


def test_key_that_waited_too_long_needs_another_proof(old_session: Any) -> None:
    old_session.post("/account/two-factor/", {"password": PASSWORD})

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        code = AuthenticatorApp(Authenticator.objects.get().key).code()
        answer = old_session.post("/account/two-factor/confirm/", {"otp": code})

    assert "Confirm that it is you" in answer.content.decode()
    assert not Authenticator.objects.get().confirmed
