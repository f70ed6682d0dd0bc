"""The trail is verified without being asked."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit import rounds, verification
from audit.actions import AuditAction
from audit.models import AuditEvent, AuditHead, AuditRound, Outcome
from audit.rounds import verify_everything, verify_some
from audit.tasks import verify_events
from config.settings import CELERY_BEAT_SCHEDULE
from tests.accounts.factories import browser, make_administrator
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten events, which are looked at two at a time."""
    monkeypatch.setattr(verification, "CHUNK", 2)
    for _ in range(10):
        make_event()


def tamper(event_id: int) -> None:
    with without_triggers():
        AuditEvent.objects.filter(id=event_id).update(user="eve")


@pytest.mark.usefixtures("trail")
def test_round_goes_on_where_it_was() -> None:
    verify_some(seconds=-1)
    assert AuditRound.objects.get().checked == 2
    verify_some(seconds=-1)
    assert AuditRound.objects.get().checked == 4

    verify_some(seconds=60)

    found = AuditRound.objects.get()
    assert (found.checked, found.fitting, found.bad_id) == (0, 10, None)
    assert found.verified_at is not None


@pytest.mark.usefixtures("trail")
def test_next_round_begins_a_day_later() -> None:
    verify_events()
    first = AuditRound.objects.get().verified_at
    make_event()

    verify_events()
    assert AuditRound.objects.get().verified_at == first
    with time_machine.travel(timezone.now() + rounds.PAUSE + timedelta(minutes=1)):
        verify_events()

    assert AuditRound.objects.get().fitting == 11


def test_rounds_are_on_the_schedule() -> None:
    assert verify_events.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.usefixtures("trail")
def test_change_that_is_found_is_an_event_once() -> None:
    tamper(4)

    verify_events()
    verify_everything()

    event = AuditEvent.objects.get(action=AuditAction.AUDIT_BROKEN)
    assert (event.user, event.outcome) == ("system", Outcome.FAILED)
    assert event.details["event"] == 4
    assert AuditRound.objects.get().bad_id == 4


@pytest.mark.usefixtures("trail")
def test_change_before_the_place_of_the_round_is_found_by_the_next() -> None:
    verify_some(seconds=-1)
    verify_some(seconds=-1)
    tamper(1)

    verify_some(seconds=60)
    assert AuditRound.objects.get().bad_id is None
    with time_machine.travel(timezone.now() + rounds.PAUSE + timedelta(minutes=1)):
        verify_some(seconds=60)

    assert AuditRound.objects.get().bad_id == 1


@pytest.mark.usefixtures("trail")
def test_trail_that_takes_no_event_is_still_found_to_be_changed() -> None:
    AuditHead.objects.update(last_id=8)

    report = verify_everything()

    assert report.first_bad is not None
    assert AuditRound.objects.get().bad_id == report.first_bad.id
    assert not AuditEvent.objects.filter(action=AuditAction.AUDIT_BROKEN).exists()


@pytest.mark.usefixtures("trail")
def test_page_says_when_it_was_last_verified_and_what_was_found() -> None:
    client = browser(make_administrator("ann"))
    assert "Last verified" not in client.get("/audit/").content.decode()
    verify_everything()
    assert "all 11 events were as they were written" in client.get("/audit/").content.decode()

    tamper(4)
    verify_everything()

    text = client.get("/audit/").content.decode()
    assert "<strong>The trail was changed.</strong> Event 4 is not what was recorded" in text
    assert "as they were written" not in text
