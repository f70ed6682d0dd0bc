"""Fetching the old leader's audit trail in pieces, whatever comes in between (S59)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from audit.actions import AuditAction
from audit.archived import directory
from audit.export.service import export_everything
from audit.models import AuditEvent, ImportedArchive
from cluster import follow_ups, old_trail
from cluster.models import FollowUp, Operation
from cluster.tasks import fetch_trail, seal_trail
from cluster.transport import Unreachable, WrongCertificate
from config.settings import CELERY_BEAT_SCHEDULE
from nodes.local_agent import AgentUnavailable
from tests.cluster.old_trails import Json, OldLeader, expected_follow_up, old, promoted
from tests.cluster.pairs import Pair

__all__ = ["old", "promoted"]
pytestmark = pytest.mark.django_db


def test_answer_that_was_lost_at_the_very_end_is_asked_for_again(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    """The old leader has removed its file by then, and makes no other one."""
    promoted(audit_export=True)
    settings.TRANSPORT, lost = old, list[Json]()

    def lose_the_first_end(body: Json) -> Json:
        if body["size"] and not body["piece"] and not lost:
            lost.append(body)
            raise Unreachable("the line broke")
        return body

    old.change = lose_the_first_end
    for _ in range(4):
        fetch_trail()

    assert len(lost) == 1
    assert ImportedArchive.objects.count() == 1
    assert AuditEvent.objects.filter(action=AuditAction.AUDIT_EXPORTED).count() == 1


def test_two_runs_at_once_fetch_each_piece_once(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    """Five seconds later the timer asks again, however long the last run takes."""
    promoted(audit_export=True)
    settings.TRANSPORT = old
    fetch_trail()

    def run_another(body: Json) -> Json:
        old.change = lambda body: body
        fetch_trail()
        return body

    old.change = run_another
    fetch_trail()

    assert len(old.offsets) == len(set(old.offsets)) + 1  # before it was made, the first was 0 too
    assert ImportedArchive.objects.count() == 1


def test_export_is_made_by_one_run_alone(
    promoted: Any, old: OldLeader, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)

    def make_another_meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(old_trail, "export_everything", export_everything)
        seal_trail(str(operation.pk))
        return export_everything(*given, **named)

    monkeypatch.setattr(old_trail, "export_everything", make_another_meanwhile)

    seal_trail(str(operation.pk))

    assert AuditEvent.objects.filter(action=AuditAction.AUDIT_EXPORTED).count() == 1
    assert [path.suffix for path in directory().iterdir()] == [".zip"]


def test_disk_is_not_filled_by_what_the_old_leader_says(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, lambda body: {**body, "size": 2**60}

    fetch_trail()

    assert "not enough space" in expected_follow_up().detail
    assert old_trail.find_expected() is None
    assert old.offsets == [0]


@pytest.mark.parametrize(
    "answer",
    [{"size": 900, "piece": ""}, {"size": 900, "piece": "?!"}, {"size": "large"}, {"size": True}],
    ids=["nothing", "no base64", "text", "truth"],
)
def test_answer_that_makes_no_sense_is_not_asked_for_again_at_once(
    promoted: Any, old: OldLeader, settings: Any, answer: Json
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, lambda body: answer

    fetch_trail()

    assert old.offsets == [0]
    assert old_trail.find_expected() is not None


def test_promise_to_another_node_is_none_to_the_leader(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    operation = promoted(audit_export=True)
    Operation.objects.filter(pk=operation.pk).update(node=1)

    answer = old.post("", {"operation": str(operation.pk), "offset": 0}, token="")

    assert (answer.status, answer.body["code"]) == (404, "audit_export_not_promised")


def test_export_that_a_crash_has_cut_short_is_made_anew(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)
    directory().mkdir()
    (directory() / f"outgoing-{operation.pk}.new").write_bytes(b"half of it")

    seal_trail(str(operation.pk))

    assert (directory() / f"outgoing-{operation.pk}.zip").read_bytes().startswith(b"PK")


def test_export_that_is_there_is_not_made_again(promoted: Any, old: OldLeader, pair: Pair) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)

    for _ in range(2):
        seal_trail(str(operation.pk))

    assert [path.suffix for path in directory().iterdir()] == [".zip"]


def test_promotion_that_goes_on_fetches_nothing_yet(promoted: Any, old: OldLeader) -> None:
    operation = promoted(audit_export=True)
    Operation.objects.filter(pk=operation.pk).update(state="running", ended_at=None, secret="")

    assert old_trail.find_expected() is None


@pytest.mark.parametrize(
    "error",
    [Unreachable("gone"), WrongCertificate("another"), AgentUnavailable(problem="gone")],
    ids=["away", "another", "agent"],
)
def test_failure_on_the_way_ends_no_task(
    promoted: Any, old: OldLeader, settings: Any, error: Exception
) -> None:
    def fail(body: Json) -> Json:
        raise error

    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, fail

    fetch_trail()

    assert old_trail.find_expected() is not None
    assert old.offsets == [0]


def test_follow_up_of_another_trail_says_what_it_said(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    operation = promoted(audit_export=True)
    follow_ups.note(FollowUp.Kind.AUDIT_TRAIL, subject="node7", detail="Another.")
    settings.TRANSPORT, old.change = old, lambda body: {**body, "size": 2**60}

    fetch_trail()

    assert FollowUp.objects.get(subject="node7").detail == "Another."
    operation.refresh_from_db()
    assert {old_trail.ENDED} < set(operation.data)


def test_what_came_and_is_not_wanted_any_more_is_removed(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    promoted(audit_export=True)
    directory().mkdir()
    (directory() / "incoming-1.zip").touch()

    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        fetch_trail()

    assert list(directory().iterdir()) == []


def test_what_nobody_came_for_is_removed_on_the_old_leader(
    promoted: Any, old: OldLeader, pair: Pair
) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)
    seal_trail(str(operation.pk))
    fetch_trail()
    assert len(list(directory().iterdir())) == 1

    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        fetch_trail()

    assert list(directory().iterdir()) == []


def test_worker_fetches_nothing(promoted: Any, old: OldLeader, pair: Pair, settings: Any) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT = old
    pair.become(1)

    fetch_trail()

    assert old.offsets == []


def test_fetching_is_on_the_schedule() -> None:
    assert fetch_trail.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}
