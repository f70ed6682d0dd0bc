"""Each workflow is replayed with a crash at every boundary: it ends as if nothing had happened."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster.models import Operation
from cluster.services.operations import cancel
from tests.cluster.workflows.toys import (
    KIND,
    SYSTEM,
    Absent,
    Impossible,
    Outcome,
    Worker,
    World,
    install,
    opened,
    waits,
)

pytestmark = pytest.mark.django_db

FORWARD = [f"{KIND}.{step}.{place}" for step in "abc" for place in ("before", "act", "after")]
UP_TO_FAILURE = [place for place in FORWARD if place not in (f"{KIND}.c.act", f"{KIND}.c.after")]
BACKWARD = [f"{KIND}.{step}.undo.{place}" for step in "cba" for place in ("before", "act", "after")]


@pytest.fixture
def workflow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, world.step("a"), world.step("b"), world.step("c"))


def crashed_once(worker: Worker, settings: Any) -> bool:
    return worker.crashes == 1 and not settings.FAILPOINTS.exists()


@pytest.mark.parametrize("place", FORWARD)
@pytest.mark.usefixtures("workflow")
def test_success_survives_a_crash(
    place: str, world: World, worker: Worker, crash_at: Callable[[str], None], settings: Any
) -> None:
    crash_at(place)
    outcome = Outcome.of(worker.carry(opened()), world)
    assert crashed_once(worker, settings)
    assert outcome == Outcome(
        state="succeeded",
        error="",
        secret="",
        data={"a": "done", "b": "done", "c": "done"},
        steps=[("a", "succeeded"), ("b", "succeeded"), ("c", "succeeded")],
        standing=["a", "b", "c"],
        rows=["a", "b", "c"],
        audit=["cluster.created"],
    )


@pytest.mark.parametrize("place", UP_TO_FAILURE + BACKWARD)
@pytest.mark.usefixtures("workflow")
def test_failure_survives_a_crash(
    place: str, world: World, worker: Worker, crash_at: Callable[[str], None], settings: Any
) -> None:
    world.faults["c"] = [Impossible()]
    crash_at(place)
    outcome = Outcome.of(worker.carry(opened()), world)
    assert crashed_once(worker, settings)
    assert outcome == Outcome(
        state="failed",
        error="impossible",
        secret="",
        data={},
        steps=[("a", "undone"), ("b", "undone"), ("c", "failed")],
        standing=[],
        rows=[],
        audit=["cluster.creation.failed"],
    )


@pytest.mark.parametrize("place", BACKWARD)
@pytest.mark.usefixtures("workflow")
def test_cancelling_survives_a_crash(
    place: str, world: World, worker: Worker, crash_at: Callable[[str], None], settings: Any
) -> None:
    world.faults["c"] = waits()
    operation = worker.carry(opened(), looks=1)
    cancel(operation, actor=SYSTEM)
    crash_at(place)
    outcome = Outcome.of(worker.carry(operation), world)
    assert crashed_once(worker, settings)
    assert outcome == Outcome(
        state="cancelled",
        error="",
        secret="",
        data={},
        steps=[("a", "undone"), ("b", "undone"), ("c", "undone")],
        standing=[],
        rows=[],
        audit=["cluster.creation.failed", "operation.cancelled"],
    )


@pytest.mark.parametrize("place", [f"{KIND}.b.before", f"{KIND}.b.act"])
@pytest.mark.usefixtures("workflow")
def test_crash_at_a_later_look_is_survived_too(
    place: str, world: World, worker: Worker, crash_at: Callable[[str], None]
) -> None:
    world.faults["b"] = [*waits(), *waits(), Absent()]
    operation = worker.carry(opened(), looks=2)
    world.faults.clear()
    crash_at(place)
    assert worker.carry(operation).state == Operation.State.SUCCEEDED
    assert worker.crashes == 1


@pytest.mark.parametrize("place", FORWARD[:6])
@pytest.mark.usefixtures("workflow")
def test_crash_and_then_an_hour_without_power_leaves_nothing(
    place: str, world: World, worker: Worker, crash_at: Callable[[str], None]
) -> None:
    crash_at(place)
    operation = worker.carry(opened(), looks=1)
    worker.clock.shift(3600)
    assert worker.carry(operation).state == Operation.State.FAILED
    assert world.standing == set()
