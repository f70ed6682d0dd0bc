"""When archives are made, and of what."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.archive import making
from audit.archive.check import find_damaged_event
from audit.archive.retention import last_due
from audit.models import Archive, AuditEvent, Forwarding, ForwardingPlace, Retention
from audit.rounds import verify_everything
from audit.tasks import archive_events
from config.settings import CELERY_BEAT_SCHEDULE
from tests.audit.archiving import an_hour_later, archive, old, sealing
from tests.audit.factories import make_event

__all__ = ["old", "sealing"]
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("made", "asked", "due"),
    [
        ("2030-05-01T14:00Z", "2030-05-02T02:59Z", False),
        ("2030-05-01T14:00Z", "2030-05-02T03:01Z", True),
        ("2030-05-02T03:01Z", "2030-05-02T23:59Z", False),
        ("2030-05-02T03:01Z", "2030-05-03T03:00Z", True),
    ],
)
def test_archives_are_made_once_a_day_after_three(made: str, asked: str, due: bool) -> None:
    with time_machine.travel(made, tick=False):
        archive()

    with time_machine.travel(asked, tick=False):
        assert making.is_due() is due


@pytest.mark.usefixtures("old")
def test_crash_while_rows_leave_is_finished_later(monkeypatch: pytest.MonkeyPatch) -> None:
    archive()
    AuditEvent.objects.filter(id__lte=5)._raw_delete("default")
    monkeypatch.setattr(making, "AT_ONCE", 2)
    assert verify_everything(damage=find_damaged_event).is_intact

    an_hour_later()

    assert not AuditEvent.objects.filter(id__lte=10).exists()


@pytest.mark.usefixtures("old")
def test_trail_beyond_its_size_is_archived_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("audit.archive.retention.MEGABYTE", 10_000)
    Retention.objects.update(days=None, megabytes=1)

    last = last_due()

    assert 1 < last < 13


def test_newest_event_stays() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        make_event()
        make_event()
    Retention.objects.create(days=1)

    assert last_due() == 1


@pytest.mark.usefixtures("old")
def test_what_the_syslog_receiver_lacks_stays() -> None:
    Forwarding.objects.create(host="syslog.example.org", port=6514)
    assert last_due() == 0
    ForwardingPlace.objects.create(again_after=4, taken=6)

    assert last_due() == 4


def test_without_a_decision_everything_stays() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=4000)):
        make_event()
        make_event()

    archive_events()

    assert not Archive.objects.exists()


@pytest.mark.usefixtures("old")
def test_task_archives_once_a_day_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LARGEST", 4)
    sent: list[str] = []
    monkeypatch.setattr("audit.tasks.send", lambda name, *a, **k: sent.append(name))

    archive_events()
    assert sent == [archive_events.name]
    archive_events()
    archive_events()
    assert Archive.objects.count() == 3

    archive_events()
    assert len(sent) == 3
    assert archive_events.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}
