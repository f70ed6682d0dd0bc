"""Backups by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from cluster import scheduled
from cluster.models import BackupPassword, BackupSettings, Cluster, Operation
from cluster.services import backup_settings, backup_status, backups
from nodes.agent.history import Contest
from tests.cluster.backup_runs import events, ready
from tests.cluster.backups import InlineJobs, jobs
from tests.cluster.factories import ADMIN, carry_on
from tests.fakes import FakeAgent

__all__ = ["jobs", "ready"]
pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)


def set_up_before(moment: datetime) -> None:
    BackupSettings.objects.update(password_set_at=moment - timedelta(hours=1))


def test_scheduled_backup_begins_once(ready: InlineJobs) -> None:
    set_up_before(NIGHT)

    assert backups.begin_scheduled(NIGHT - timedelta(seconds=1)) is None
    begun = backups.begin_scheduled(NIGHT)
    assert begun is not None
    assert carry_on(begun).state == "succeeded"
    assert backups.begin_scheduled(NIGHT + timedelta(hours=5)) is None


def test_of_two_that_look_at_the_same_moment_one_begins_it(
    ready: InlineJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_before(NIGHT)
    seen_by_both = BackupSettings.load()
    monkeypatch.setattr(BackupSettings, "load", lambda: seen_by_both)

    first = backups.begin_scheduled(NIGHT)
    assert first is not None
    carry_on(first)

    assert backups.begin_scheduled(NIGHT) is None


def test_missed_backup_is_made_up_for(ready: InlineJobs) -> None:
    set_up_before(NIGHT)

    assert backups.begin_scheduled(NIGHT + timedelta(days=3, hours=7)) is not None


def test_clock_that_was_ahead_holds_up_no_backup(ready: InlineJobs) -> None:
    BackupSettings.objects.update(
        password_set_at=NIGHT + timedelta(days=99),
        served_at=NIGHT + timedelta(days=99),
        last_good_at=NIGHT + timedelta(days=99),
    )

    assert backup_status.is_overdue(BackupSettings.load(), NIGHT)
    assert backups.begin_scheduled(NIGHT) is not None
    assert backups.begin_scheduled(NIGHT + timedelta(hours=1)) is None


def test_first_scheduled_backup_waits_for_its_time(ready: InlineJobs) -> None:
    BackupSettings.objects.update(password_set_at=NIGHT + timedelta(hours=1))

    assert backups.begin_scheduled(NIGHT + timedelta(hours=2)) is None


def test_switched_off_schedule_begins_nothing(ready: InlineJobs) -> None:
    set_up_before(NIGHT)
    backup_settings.change_settings(actor=ADMIN, daily_at=None)

    assert backups.begin_scheduled(NIGHT) is None


def test_before_it_is_set_up_nothing_is_scheduled(cluster: Cluster) -> None:
    assert backups.begin_scheduled(NIGHT) is None


def test_scheduled_backup_without_a_password_fails_loudly(ready: InlineJobs) -> None:
    """S27."""
    set_up_before(NIGHT)
    BackupPassword.objects.all().delete()

    begun = backups.begin_scheduled(NIGHT)

    assert begun is not None
    assert carry_on(begun).error_code == "backup_password_missing"
    assert events("backup.failed")[0].details["code"] == "backup_password_missing"


def test_scheduled_backup_gives_way_to_one_that_runs(ready: InlineJobs) -> None:
    set_up_before(NIGHT)
    backups.request_backup(actor=ADMIN)

    assert backups.begin_scheduled(NIGHT) is None
    assert Operation.objects.filter(kind="backup").count() == 1


def test_clock_begins_it_on_the_leader(ready: InlineJobs) -> None:
    BackupSettings.objects.update(password_set_at=timezone.now() - timedelta(days=2))

    scheduled.back_up()

    assert Operation.objects.get(kind="backup").parameters == {"scheduled": True}


def test_leader_in_doubt_backs_nothing_up(ready: InlineJobs, local_agent: FakeAgent) -> None:
    BackupSettings.objects.update(password_set_at=timezone.now() - timedelta(days=2))
    local_agent.contest(Contest(node_id=2, term=9, leader=2))

    scheduled.back_up()

    assert not Operation.objects.filter(kind="backup").exists()
