"""One worker at a time; one that was overtaken writes nothing."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditEvent
from cluster.models import Operation, SignedState
from cluster.workflows import engine
from cluster.workflows.engine import Run
from tests.cluster.workflows.toys import Impossible, Worker, World, install, opened, step_states

RACERS = 6


def overtake(run: Run) -> None:
    """What another worker does when this one was silent for too long."""
    Operation.objects.filter(pk=run.operation.pk).update(lease=uuid4())


def race(count: int, call: Any) -> None:
    """Call from so many threads at the same moment, each with its own connection."""
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        call()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
def test_leased_operation_is_left_alone(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    operation = opened()
    until = timezone.now() + timedelta(seconds=1)
    Operation.objects.filter(pk=operation.pk).update(lease=uuid4(), lease_until=until)
    engine.advance(operation.pk)
    assert world.story == []


@pytest.mark.django_db
def test_lease_of_a_dead_worker_ends_after_ten_seconds(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    operation = opened()
    until = timezone.now() + timedelta(seconds=10)
    Operation.objects.filter(pk=operation.pk).update(lease=uuid4(), lease_until=until)
    worker.clock.shift(10)
    engine.advance(operation.pk)
    assert world.story == ["a"]


@pytest.mark.django_db
def test_lease_is_renewed_before_each_step_forwards_and_back(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []

    def take_six_seconds(run: Run) -> None:
        row = Operation.objects.get(pk=run.operation.pk)
        assert row.lease_until is not None
        left.append((row.lease_until - timezone.now()).total_seconds())
        worker.clock.shift(6)

    slow = {"act": take_six_seconds, "undo_act": take_six_seconds}
    install(monkeypatch, world.step("a", **slow), world.step("b", **slow), world.step("c"))
    world.faults["c"] = [Impossible()]
    worker.carry(opened(), looks=1)
    assert left == [10, 10, 10, 10]


@pytest.mark.django_db
def test_worker_that_lost_its_lease_commits_nothing(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", act=overtake))
    operation = opened()
    engine.advance(operation.pk)
    assert not SignedState.objects.exists()
    assert not AuditEvent.objects.exists()
    assert step_states(operation) == [("a", "running")]


@pytest.mark.django_db
def test_worker_that_lost_its_lease_fails_nothing(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_and_fail(run: Run) -> None:
        overtake(run)
        raise Impossible

    install(monkeypatch, world.step("a", act=lose_and_fail))
    operation = opened()
    engine.advance(operation.pk)
    operation.refresh_from_db()
    assert (operation.undoing, operation.error_code) == (False, "")


@pytest.mark.django_db
def test_worker_that_lost_its_lease_undoes_no_row(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a", undo_act=overtake), world.step("b"))
    world.faults["b"] = [Impossible()]
    engine.advance(opened().pk)
    assert SignedState.objects.get().jws == "a"


@pytest.mark.django_db
def test_ended_operation_is_never_taken_up_again(
    world: World, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"))
    operation = worker.carry(opened())
    worker.clock.shift(100)
    engine.advance(operation.pk)
    assert world.story == ["a"]


@pytest.fixture
def slow_step(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """An operation whose only step lasts until the others had their chance."""
    others_are_done = threading.Event()

    def act(run: Run) -> None:
        world.story.append("a")
        others_are_done.wait(5)

    install(monkeypatch, world.step("a", act=act))
    yield others_are_done
    others_are_done.set()


@pytest.mark.django_db(transaction=True)
def test_one_of_many_workers_gets_the_lease(world: World, slow_step: threading.Event) -> None:
    operation = opened()
    passed: list[UUID] = []

    def look() -> None:
        engine.advance(operation.pk)
        passed.append(operation.pk)
        if len(passed) == RACERS - 1:
            slow_step.set()

    race(RACERS, look)
    assert world.story == ["a"]
    operation.refresh_from_db()
    assert operation.state == Operation.State.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_operation_ends_once_however_many_workers_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, world.step("a"), world.step("b"))
    operation = opened()
    race(RACERS, lambda: engine.advance(operation.pk))
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["cluster.created"]
