"""Failed logins are counted, so that nobody can fill the trail."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.failed_logins import flush_failed_logins, record_failed_login
from accounts.models import FailedLogin
from audit.actor import Actor, ActorKind, Interface
from audit.models import AuditEvent

pytestmark = pytest.mark.django_db
ANN = Actor("ann", ActorKind.STRANGER, Interface.API, source="192.0.2.7")
BOB = Actor("bob", ActorKind.STRANGER, Interface.API, source="192.0.2.7")


def fail(actor: Actor = ANN, *, times: int = 1) -> None:
    for _ in range(times):
        record_failed_login(actor=actor, reason="password")


def attempts() -> list[int]:
    return [event.details["attempts"] for event in AuditEvent.objects.order_by("id")]


def test_first_attempt_is_told_at_once_and_the_next_are_counted() -> None:
    fail(times=20)

    assert attempts() == [1]


def test_attempts_of_a_minute_are_told_together_with_the_next() -> None:
    fail(times=20)

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        fail()

    assert attempts() == [1, 20]


def test_what_was_counted_is_told_when_the_minute_is_over() -> None:
    fail(times=20)

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        flush_failed_logins()

    assert attempts() == [1, 19]
    event = AuditEvent.objects.latest("id")
    assert (event.user, event.source, event.interface) == ("ann", "192.0.2.7", "api")
    assert not FailedLogin.objects.exists()


def test_nothing_is_told_before_the_minute_is_over() -> None:
    fail(times=20)

    flush_failed_logins()

    assert attempts() == [1]


def test_single_attempt_is_told_once() -> None:
    fail()

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        flush_failed_logins()

    assert attempts() == [1]


def test_names_are_counted_apart() -> None:
    fail(ANN)
    fail(BOB)

    assert list(AuditEvent.objects.order_by("id").values_list("user", flat=True)) == ["ann", "bob"]
