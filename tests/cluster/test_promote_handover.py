"""A planned promotion whose hand-over meets trouble: silence, lost answers, other leaders."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from cluster import freeze, state
from cluster.models import Cluster, Operation
from cluster.workflows.failpoints import SimulatedCrash
from tests.cluster.factories import carry_on
from tests.cluster.pairs import CandidateCalls, Pair, newest_state
from tests.cluster.promoting import acknowledge, calls, step
from tests.cluster.replaying import set_failpoint

__all__ = ["calls"]
pytestmark = pytest.mark.django_db


def test_candidate_that_does_not_answer_leads_nothing(
    pair: Pair, calls: CandidateCalls, time_machine: TimeMachineFixture
) -> None:
    """Before the handover is signed nothing has moved."""
    calls.reachable = False
    operation = carry_on(pair.promote())
    acknowledge(pair)
    carry_on(operation)
    assert "node2 does not answer" in step(operation, "prepare")[1]

    time_machine.move_to(timezone.now() + timedelta(seconds=12))
    carry_on(operation)

    assert (operation.state, operation.error_code) == ("failed", "operation_timed_out")
    assert pair.agents[1].status()["role"] == "leader"
    assert not freeze.is_frozen()


def test_lost_reply_of_the_new_leader_is_asked_for_again(pair: Pair, calls: CandidateCalls) -> None:
    operation = carry_on(pair.promote())
    acknowledge(pair)
    calls.losing = "lead"
    carry_on(operation)
    assert pair.agents[2].status()["role"] == "leader"

    calls.losing = ""
    carry_on(operation)

    assert operation.state == "succeeded"
    assert newest_state()["term"] == 2


def test_point_of_no_return_is_the_signature_and_not_the_step(
    pair: Pair, calls: CandidateCalls
) -> None:
    operation = carry_on(pair.promote())
    acknowledge(pair)
    calls.losing = "prepare"
    before = carry_on(operation).irreversible
    calls.losing = "lead"
    after = carry_on(operation).irreversible

    assert (before, after) == (False, True)
    assert pair.agents[1].status()["role"] == "worker"


def test_next_leader_that_is_away_is_told_for_an_hour(
    pair: Pair, calls: CandidateCalls, time_machine: TimeMachineFixture
) -> None:
    """The power cut of the candidate, just when the handover is signed."""
    operation = carry_on(pair.promote())
    acknowledge(pair)
    calls.losing = "lead"
    carry_on(operation)
    calls.reachable = False
    time_machine.move_to(timezone.now() + timedelta(minutes=50))
    carry_on(operation, times=30)

    calls.reachable, calls.losing = True, ""
    carry_on(operation)

    assert operation.state == "succeeded"


def test_next_leader_that_lost_what_it_had_prepared_prepares_again(
    pair: Pair, calls: CandidateCalls
) -> None:
    operation = carry_on(pair.promote())
    acknowledge(pair)
    calls.forgets = True

    carry_on(operation, times=2)

    assert calls.asked == ["prepare", "lead", "prepare", "lead"]
    assert operation.state == "succeeded"


def test_freeze_that_ended_meanwhile_makes_another_last_state(
    pair: Pair, calls: CandidateCalls, time_machine: TimeMachineFixture
) -> None:
    """Celery was killed, and came back when others had written already."""
    operation = carry_on(pair.promote())
    acknowledge(pair)
    time_machine.move_to(timezone.now() + timedelta(seconds=16))
    Cluster.objects.update(label="Ships")
    state.bump()
    Operation.objects.update(deadline=timezone.now() + timedelta(seconds=60))
    operation.steps.update(started_at=timezone.now())

    carry_on(operation)
    assert calls.asked == []
    acknowledge(pair)
    carry_on(operation)

    assert operation.state == "succeeded"
    assert newest_state()["cluster"]["label"] == "Ships"


def test_handover_that_was_signed_before_a_reboot_is_told_after_it(
    pair: Pair, calls: CandidateCalls, settings: Any, time_machine: TimeMachineFixture
) -> None:
    """The freeze has ended by then, and nobody signs another state of that term."""
    operation = carry_on(pair.promote())
    acknowledge(pair)
    set_failpoint(settings, "promote.hand_over.signed")
    with pytest.raises(SimulatedCrash):
        carry_on(operation)
    time_machine.move_to(timezone.now() + timedelta(seconds=60))

    carry_on(operation)

    assert (operation.state, newest_state()["leader"]) == ("succeeded", 2)


def test_freeze_that_ended_while_the_candidate_was_called_is_no_freeze(
    pair: Pair, calls: CandidateCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have written, and would lose it."""
    operation = carry_on(pair.promote())
    acknowledge(pair)
    open_line = calls.open_line

    @contextmanager
    def slowly(url: str, *, fingerprint: str) -> Iterator[Any]:
        with open_line(url, fingerprint=fingerprint) as line:
            if calls.asked:
                freeze.thaw()
            yield line

    monkeypatch.setattr(calls, "open_line", slowly)
    carry_on(operation)

    assert pair.agents[1].status()["role"] == "leader"
    assert (operation.state, operation.irreversible) == ("running", False)


def test_nothing_changes_here_after_the_handover(
    pair: Pair, calls: CandidateCalls, time_machine: TimeMachineFixture
) -> None:
    """What would be accepted now, nobody would ever see."""
    operation = carry_on(pair.promote())
    acknowledge(pair)
    calls.losing = "lead"
    carry_on(operation, times=2)

    time_machine.move_to(timezone.now() + timedelta(minutes=10))

    assert freeze.is_frozen()


def test_promotion_ends_where_another_node_has_taken_over(
    pair: Pair, calls: CandidateCalls
) -> None:
    operation = carry_on(pair.promote())
    acknowledge(pair)
    pair.agents[1].depose(by=2, term=2)

    carry_on(operation)

    assert (operation.state, operation.error_code) == ("failed", "leader_lost")
