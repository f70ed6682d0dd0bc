"""Every operation ends: deadlines, cancelling, the point of no return, undoing that fails."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cluster.errors.operations import OperationNotCancellable
from cluster.models import Operation
from cluster.services.operations import cancel
from cluster.workflows import engine
from cluster.workflows.engine import Run
from tests.cluster.workflows.toys import (
    SYSTEM,
    Absent,
    Impossible,
    Outcome,
    Worker,
    World,
    install,
    opened,
    step_states,
    waits,
)

pytestmark = pytest.mark.django_db


def test_step_that_waits_past_its_deadline_fails_the_operation(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b", deadline=timedelta(seconds=5)))
    world.faults["b"] = waits()
    operation = worker.carry(opened())
    assert operation.error_code == "operation_timed_out"
    assert operation.error_detail == "The step “b” was not finished in time. Waiting for rain."
    assert world.standing == set()


def test_step_is_looked_at_once_more_after_its_deadline(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", deadline=timedelta(seconds=5)))
    world.faults["a"] = waits(seconds=60)
    operation = worker.carry(opened(), looks=1)
    world.faults.clear()
    worker.clock.shift(40)
    assert worker.carry(operation).state == Operation.State.SUCCEEDED


def test_optional_step_past_its_deadline_is_skipped(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = world.step("a", required=False, deadline=timedelta(seconds=5))
    install(monkeypatch, late, world.step("b"))
    world.faults["a"] = waits()
    assert step_states(worker.carry(opened())) == [("a", "skipped"), ("b", "succeeded")]


def test_operation_past_its_deadline_begins_nothing_new(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), seconds=60)
    operation = opened()
    worker.clock.shift(61)
    assert worker.carry(operation).error_code == "operation_timed_out"
    assert world.story == []


def test_operation_ends_by_its_deadline(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = timedelta(hours=1)
    install(monkeypatch, world.step("a"), world.step("b", deadline=long), seconds=60)
    world.faults["b"] = waits(seconds=7)
    operation = worker.carry(opened())
    assert operation.ended_at == operation.created_at + timedelta(seconds=60)


def test_cancel_undoes_what_was_done(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    world.faults["b"] = waits()
    operation = worker.carry(opened(), looks=1)
    cancel(operation, actor=SYSTEM)
    assert Outcome.of(worker.carry(operation), world) == Outcome(
        state="cancelled",
        error="",
        secret="",
        data={},
        steps=[("a", "undone"), ("b", "undone")],
        standing=[],
        rows=[],
        audit=["cluster.creation.failed", "operation.cancelled"],
    )


def test_cancelled_operation_does_not_wait_any_longer(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = waits(seconds=20)
    operation = opened()
    engine.advance(operation.pk)
    cancel(operation, actor=SYSTEM)
    engine.advance(operation.pk)
    operation.refresh_from_db()
    assert operation.state == Operation.State.CANCELLED


def test_cancel_before_the_start_does_nothing_at_all(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    operation = cancel(opened(), actor=SYSTEM)
    assert worker.carry(operation).state == Operation.State.CANCELLED
    assert world.story == []


def test_cancel_during_a_step_undoes_it(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_cancelled_meanwhile(run: Run) -> None:
        world.standing.add("a")
        cancel(Operation.objects.get(), actor=SYSTEM)

    install(monkeypatch, world.step("a", act=is_cancelled_meanwhile))
    assert worker.carry(opened()).state == Operation.State.CANCELLED
    assert world.standing == set()


def test_cancel_is_refused_when_the_point_of_no_return_began(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", point_of_no_return=True))
    world.faults["a"] = waits()
    operation = worker.carry(opened(), looks=1)
    with pytest.raises(OperationNotCancellable):
        cancel(operation, actor=SYSTEM)


def test_cancel_is_refused_after_a_commit_without_return(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", act=None, point_of_no_return=True), world.step("b"))
    world.faults["b"] = waits()
    operation = worker.carry(opened(), looks=1)
    with pytest.raises(OperationNotCancellable):
        cancel(operation, actor=SYSTEM)


def test_commit_without_return_may_still_fail_and_be_undone(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(run: Run) -> None:
        raise Impossible

    last = world.step("b", act=None, commit=refuses, point_of_no_return=True)
    install(monkeypatch, world.step("a"), last)
    assert worker.carry(opened()).error_code == "impossible"
    assert world.standing == set()


def test_definite_failure_after_the_point_of_no_return_is_tried_again(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", point_of_no_return=True), world.step("b"))
    world.faults["b"] = [Impossible(), Impossible()]
    operation = worker.carry(opened(), looks=1)
    world.faults.clear()
    assert worker.carry(operation).state == Operation.State.SUCCEEDED


def test_after_the_point_of_no_return_failure_ends_without_undoing(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", point_of_no_return=True), world.step("b"))
    world.faults["b"] = [Impossible()]
    operation = worker.carry(opened())
    assert operation.error_code == "operation_timed_out"
    assert step_states(operation) == [("a", "succeeded"), ("b", "failed")]
    assert world.standing == {"a", "b"}


def test_after_the_point_of_no_return_a_late_machine_still_finishes(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", point_of_no_return=True), world.step("b"))
    world.faults["b"] = waits()
    operation = worker.carry(opened(), looks=1)
    worker.clock.shift(3600)
    world.faults["b"] = [Absent(), Absent()]
    operation = worker.carry(operation, looks=1)
    world.faults.clear()
    assert worker.carry(operation).state == Operation.State.SUCCEEDED


def test_undoing_is_tried_until_it_works(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    world.faults = {"b": [Impossible()], "-a": [Absent(), Impossible(), *waits()]}
    operation = worker.carry(opened(), looks=3)
    world.faults.clear()
    assert Outcome.of(worker.carry(operation), world).error == "impossible"
    assert world.standing == set()


def test_undoing_ends_when_it_never_works_and_names_what_is_left(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), world.step("c"))
    world.faults = {"c": [Impossible()], "-b": [Absent()]}
    operation = worker.carry(opened())
    assert operation.error_code == "impossible"
    assert operation.error_detail == (
        "It cannot be done. Left behind: “b” could not be undone. Nobody answers."
    )
    assert step_states(operation) == [("a", "undone"), ("b", "failed"), ("c", "failed")]
    assert world.standing == {"b"}


def test_undoing_that_never_works_ends_within_a_minute_and_a_half(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    world.faults = {"b": [Impossible()], "-a": [Absent()]}
    operation = worker.carry(opened())
    assert operation.ended_at is not None
    assert operation.ended_at - operation.created_at < timedelta(seconds=90)


def test_cancel_that_cannot_be_undone_is_a_failure(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    world.faults = {"b": waits(), "-a": [Absent()]}
    operation = worker.carry(opened(), looks=1)
    cancel(operation, actor=SYSTEM)
    worker.carry(operation)
    assert (operation.state, operation.error_code) == ("failed", "operation_undo_incomplete")


def test_machine_that_was_off_for_an_hour_still_undoes(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    world.faults = {"b": [Impossible()], "-a": [Absent()]}
    operation = worker.carry(opened(), looks=1)
    worker.clock.shift(3600)
    world.faults["-a"] = [Absent(), Absent(), Absent()]
    operation = worker.carry(operation, looks=2)
    world.faults.clear()
    worker.carry(operation)
    assert world.standing == set()


def test_undoing_has_its_own_minute(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), seconds=20)
    world.faults = {"b": waits(), "-a": [Absent()]}
    operation = opened()
    began = timezone.now()
    worker.carry(operation, until=began + timedelta(seconds=20 + 50))
    world.faults.clear()
    worker.carry(operation)
    assert world.standing == set()


def test_long_wait_before_it_does_not_spend_the_tries_of_undoing(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults = {"a": [*waits() * 20, Impossible()], "-a": [Absent()]}
    operation = worker.carry(opened(), looks=22)
    worker.clock.shift(3600)
    operation = worker.carry(operation, looks=2)
    world.faults.clear()
    worker.carry(operation)
    assert world.standing == set()


def test_step_that_breaks_each_time_ends_too(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(run: Run) -> None:
        raise KeyError("a mistake of ours")

    install(monkeypatch, world.step("a"), world.step("b", act=breaks, undo_act=breaks))
    worker.tolerates = (KeyError,)
    operation = worker.carry(opened())
    assert operation.error_code == "operation_timed_out"
    assert world.standing == set()
