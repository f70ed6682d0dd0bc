"""Every node remembers the audit trail: whoever cuts or rewrites it on the leader is found out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.checkpoints import EVERY, PAUSE, is_due, make
from audit.models import AuditEvent, AuditRound, Checkpoint, WitnessStatement
from audit.rounds import verify_everything
from cluster import custody
from cluster.models import Cluster
from cluster.tasks import keep_witnesses
from config.settings import CELERY_BEAT_SCHEDULE
from nodes.models import Command
from tests.audit.factories import make_event
from tests.cluster.factories import Newcomer
from tests.cluster.pairs import Pair
from tests.cluster.witnessing import cut, forget, rewrite, settle, sync, witnessed
from tests.fakes import FakeAgent

__all__ = ["witnessed"]
pytestmark = pytest.mark.django_db


def found() -> tuple[int, str]:
    report = verify_everything()
    assert report.first_bad is not None
    return report.first_bad.id, report.first_bad.reason


def test_checkpoint_is_made_and_remembered_by_the_worker(witnessed: Newcomer) -> None:
    made = Checkpoint.objects.get()
    testimony = WitnessStatement.objects.get(witness=2)

    assert (made.trail, made.term) == (1, 1)
    assert testimony.count == made.count
    assert testimony.checkpoints[-1]["hash"] == AuditEvent.objects.get(id=made.count).hash
    assert testimony.refusal == ""


def test_next_one_is_due_after_a_thousand_events_or_a_minute(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_due()
    make()
    make_event()
    assert not is_due()

    with time_machine.travel(timezone.now() + PAUSE + timedelta(seconds=1)):
        assert is_due()
        make()
        assert not is_due()
        monkeypatch.setattr("audit.checkpoints.EVERY", 3)
        for _ in range(3):
            make_event()
        assert is_due()
    assert EVERY == 1000


def test_no_event_no_checkpoint(cluster: Cluster) -> None:
    make()

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert not is_due()


def test_stopped_agent_means_no_checkpoint_and_no_alarm(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    local_agent.available = False

    keep_witnesses()

    assert not Checkpoint.objects.exists()
    assert not AuditEvent.objects.filter(action=AuditAction.AUDIT_BROKEN).exists()


def test_worker_makes_none(pair: Pair) -> None:
    """Only a leader's trail is witnessed."""
    make_event()
    pair.become(2)

    keep_witnesses()

    assert not Checkpoint.objects.exists()


def test_task_is_on_the_schedule() -> None:
    assert keep_witnesses.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.parametrize(
    "change",
    [lambda c: c.update(hash="0" * 64), lambda c: c.all().delete()],
    ids=["update", "delete"],
)
def test_database_refuses_to_change_a_checkpoint(
    change: Callable[[Any], object], cluster: Cluster
) -> None:
    make()

    with pytest.raises(IntegrityError), transaction.atomic():
        change(Checkpoint.objects)


def test_untouched_trail_agrees_with_everybody(witnessed: Newcomer) -> None:
    assert verify_everything().is_intact


def test_cut_tail_is_found_by_what_the_worker_remembers(
    witnessed: Newcomer, local_agent: FakeAgent
) -> None:
    count = Checkpoint.objects.get().count
    cut(count - 5)
    forget(local_agent)

    custody.entrust(None, everything=True)
    sync(witnessed)
    custody.hear()

    event, reason = found()
    assert event == count
    assert reason.startswith("is missing: node2 remembers it")


def test_cut_tail_is_found_by_this_machine_alone(cluster: Cluster) -> None:
    make_event()
    keep_witnesses()
    count = Checkpoint.objects.get().count
    cut(count - 1)

    event, reason = found()

    assert event == count
    assert "this machine remembers" in reason


def test_with_the_agent_down_root_reads_its_memory(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    make_event()
    keep_witnesses()
    count = Checkpoint.objects.get().count
    cut(count - 1)
    WitnessStatement.objects.all().delete()
    local_agent.available = False

    assert found()[0] == count


def test_trail_written_anew_is_found_by_what_the_worker_remembers(
    witnessed: Newcomer, local_agent: FakeAgent
) -> None:
    count = Checkpoint.objects.get().count
    rewrite(count - 5)
    forget(local_agent)
    custody.entrust(None, everything=True)
    sync(witnessed)
    custody.hear()

    event, reason = found()

    assert event == count
    assert reason.startswith("is not the one of")
    assert reason.endswith("that node2 remembers")


def test_trail_written_anew_and_continued_is_found_too(
    witnessed: Newcomer, local_agent: FakeAgent
) -> None:
    """The worker takes the longer trail, and keeps what contradicts it."""
    count = Checkpoint.objects.get().count
    rewrite(count - 5)
    forget(local_agent)
    make_event()

    settle(witnessed)
    custody.entrust(None, everything=True)
    sync(witnessed)
    keep_witnesses()

    assert AuditRound.objects.get().bad_id == count


def test_smaller_checkpoint_is_refused_and_the_refusal_is_an_alarm(
    witnessed: Newcomer, local_agent: FakeAgent
) -> None:
    count = Checkpoint.objects.get().count
    cut(count - 5)
    forget(local_agent)

    settle(witnessed)

    assert "had" in WitnessStatement.objects.get(witness=2).refusal
    custody.entrust(None, everything=True)
    sync(witnessed)
    custody.hear()
    assert "had" in WitnessStatement.objects.get(witness=2).refusal
    event = AuditEvent.objects.get(action=AuditAction.AUDIT_BROKEN)
    assert event.details["reason"].startswith("is missing: node2 remembers it")
    assert AuditRound.objects.get().bad_id == event.details["event"] == count


def test_own_agent_refuses_to_sign_an_old_copy_and_that_is_an_alarm(cluster: Cluster) -> None:
    for _ in range(5):
        make_event()
    keep_witnesses()
    cut(Checkpoint.objects.get().count - 3)

    keep_witnesses()

    assert AuditEvent.objects.filter(action=AuditAction.AUDIT_BROKEN).exists()


def test_rogue_worker_accuses_nobody(witnessed: Newcomer) -> None:
    """What the leader did not sign itself is no testimony."""
    custody.entrust(None, everything=True)
    forged = Checkpoint.objects.get().jws.rsplit(".", 1)[0] + "." + "A" * 86
    command = Command.objects.get(acknowledged_at=None)
    result = {"id": command.pk, "ok": True, "data": {"checkpoints": [forged, 7], "refused": 3}}

    witnessed.sync(source="10.5.4.2", results=[result])
    custody.hear()

    assert WitnessStatement.objects.get(witness=2).count == 0
    assert verify_everything().is_intact


def test_worker_that_left_is_no_witness(witnessed: Newcomer) -> None:
    WitnessStatement.objects.create(witness=9, label="node9", heard_at=timezone.now())

    custody.entrust(None)

    assert not WitnessStatement.objects.filter(witness=9).exists()


def test_checkpoints_at_rest_cost_no_sync(witnessed: Newcomer) -> None:
    keep_witnesses()

    assert witnessed.sync(source="10.5.4.2").json()["commands"] == []
