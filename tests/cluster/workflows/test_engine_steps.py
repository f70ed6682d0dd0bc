"""Going forward: steps in order, waiting, and what a step that cannot be done leads to."""

import pytest

from audit.actions import AuditAction
from audit.models import AuditEvent
from cluster.models import Operation, SignedState
from cluster.services.operations import poke
from cluster.workflows import engine
from cluster.workflows.engine import Run, Step, StepFailed
from tests.cluster.workflows.toys import (
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


def test_steps_are_done_in_their_order(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), world.step("c"))
    worker.carry(opened())
    assert world.story == ["a", "b", "c"]


def test_operation_succeeds_with_everything_in_place(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    assert Outcome.of(worker.carry(opened(secret={"pin": 1})), world) == Outcome(
        state="succeeded",
        error="",
        secret="",
        data={"a": "done", "b": "done"},
        steps=[("a", "succeeded"), ("b", "succeeded")],
        standing=["a", "b"],
        rows=["a", "b"],
        audit=["cluster.created"],
    )


def test_success_shows_full_progress(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    assert worker.carry(opened()).progress == 100


def test_progress_counts_finished_steps(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), world.step("c"), world.step("d"))
    world.faults["d"] = waits()
    assert worker.carry(opened(), looks=1).progress == 75


def test_waiting_step_gives_the_lease_back(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = waits(seconds=0.3)
    operation = opened()
    assert engine.advance(operation.pk) == 0.3
    operation.refresh_from_db()
    assert operation.lease is None


def test_waiting_step_is_shown_as_running(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = waits()
    assert step_states(worker.carry(opened(), looks=1)) == [("a", "running")]


def test_waiting_step_says_what_for(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = waits()
    operation = worker.carry(opened(), looks=1)
    assert operation.steps.get().detail == "Waiting for rain."


def test_waiting_operation_is_left_alone_until_it_is_due(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = waits()
    operation = opened()
    engine.advance(operation.pk)
    engine.advance(operation.pk)
    assert world.story == ["a"]


def test_poked_operation_looks_at_once(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = waits()
    operation = opened()
    engine.advance(operation.pk)
    poke(operation.pk)
    engine.advance(operation.pk)
    assert world.story == ["a", "a"]


def test_poke_during_a_look_is_not_lost(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_poked_meanwhile(run: Run) -> None:
        if not world.story:
            poke(run.operation.pk)
        world.story.append("looked")
        raise waits()[0]

    install(monkeypatch, world.step("a", act=is_poked_meanwhile))
    engine.advance(opened().pk)
    assert world.story == ["looked", "looked"]


def test_what_does_not_answer_is_tried_again(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = [Absent(), Absent(), Absent()]
    operation = worker.carry(opened(), looks=2)
    world.faults.clear()
    assert worker.carry(operation).state == Operation.State.SUCCEEDED


def test_pause_between_tries_grows_to_two_seconds(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = [Absent()]
    operation = opened()
    pauses = [worker.look(operation.pk)]
    for _ in range(6):
        worker.clock.shift(pauses[-1])
        pauses.append(worker.look(operation.pk))
    assert pauses == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]


def test_pause_begins_anew_with_each_step(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    world.faults = {"a": waits() * 5, "b": [Absent()]}
    operation = worker.carry(opened(), looks=5)
    world.faults["a"] = []
    assert engine.advance(operation.pk) == 0.2


def test_definite_failure_undoes_in_reverse(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), world.step("c"))
    world.faults["c"] = [Impossible()]
    worker.carry(opened())
    assert world.story == ["a", "b", "c", "-c", "-b", "-a"]


def test_failed_operation_leaves_nothing_but_its_reason(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), world.step("c"))
    world.faults["b"] = [Impossible()]
    assert Outcome.of(worker.carry(opened(secret={"pin": 1})), world) == Outcome(
        state="failed",
        error="impossible",
        secret="",
        data={},
        steps=[("a", "undone"), ("b", "failed"), ("c", "pending")],
        standing=[],
        rows=[],
        audit=["cluster.creation.failed"],
    )


def test_commit_that_failed_is_not_taken_back(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it found there is somebody else's."""

    def refuses(run: Run) -> None:
        raise Impossible

    SignedState.objects.create(term=1, generation=0, jws="a")
    install(monkeypatch, world.step("a", commit=refuses))
    worker.carry(opened())
    assert SignedState.objects.exists()


def test_unavailability_that_is_declared_definite_is_not_tried_again(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    world.faults["a"] = [StepFailed(Absent())]
    assert worker.carry(opened(), looks=1).error_code == "absent"


def test_failure_in_a_commit_takes_its_rows_back(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_and_fail(run: Run) -> None:
        run.operation.steps.update(detail="half done")
        raise Impossible

    install(monkeypatch, world.step("a", commit=write_and_fail), world.step("b"))
    operation = worker.carry(opened())
    assert operation.steps.get(name="b").detail == ""


def test_optional_step_that_fails_is_skipped_with_its_reason(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", required=False), world.step("b"))
    world.faults["a"] = [Impossible()]
    operation = worker.carry(opened())
    assert step_states(operation) == [("a", "skipped"), ("b", "succeeded")]
    assert operation.steps.get(name="a").detail == "It cannot be done."


def test_skipped_step_is_undone_too(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", required=False), world.step("b"))
    world.faults = {"a": [Impossible()], "b": [Impossible()]}
    worker.carry(opened())
    assert world.standing == set()


def test_last_optional_step_may_fail(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b", required=False))
    world.faults["b"] = [Impossible()]
    assert worker.carry(opened()).state == Operation.State.SUCCEEDED


def test_note_is_read_beside_the_step(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", act=lambda run: run.note("It rained.")))
    operation = worker.carry(opened())
    assert operation.steps.get().detail == "It rained."


def test_secret_is_readable_by_steps_and_by_nobody_in_the_database(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    install(monkeypatch, world.step("a", act=lambda run: seen.append(run.secret["pin"])))
    operation = opened(secret={"pin": "4711"})
    assert "4711" not in operation.secret
    worker.carry(operation)
    assert seen == ["4711"]


def test_end_is_recorded_in_the_name_of_who_asked(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    operation = worker.carry(opened())
    event = AuditEvent.objects.get(action=AuditAction.CLUSTER_CREATED)
    assert (event.user, event.operation) == ("system", operation.pk)


def test_step_cannot_take_back_a_commit_that_it_has_not() -> None:
    with pytest.raises(TypeError):
        Step("a", undo_commit=lambda run: None)
