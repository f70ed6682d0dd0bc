"""A small workflow whose effects can be seen, and a worker that survives its own crashes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import AuditEvent
from audit.services import record
from cluster.models import Operation, OperationStep, SignedState
from cluster.services.operations import open_operation
from cluster.workflows import engine
from cluster.workflows.engine import Run, Step, Wait, Workflow
from cluster.workflows.failpoints import SimulatedCrash
from cluster.workflows.registry import WORKFLOWS
from config.errors import Conflict, Unavailable

SYSTEM = Actor.system()
KIND = Operation.Kind.CREATE
LEASE_SECONDS = 10


class Impossible(Conflict):
    code = "impossible"
    message = "It cannot be done."


class Absent(Unavailable):
    code = "absent"
    message = "Nobody answers."


@dataclass
class World:
    """What the acts change outside of the database, and what happened in which order."""

    standing: set[str] = field(default_factory=set)
    story: list[str] = field(default_factory=list)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    """What an act (``b``) or an undoing act (``-b``) raises, the last one for ever."""

    def step(self, name: str, **options: Any) -> Step:
        """A step that puts up ``name`` outside, and a row inside; and takes both away again."""
        given = {"act": self._put_up, "commit": _insert_row}
        undo = {"undo_act": self._take_down, "undo_commit": _delete_row}
        return Step(name, **(given | undo | options))

    def _put_up(self, run: Run) -> None:
        self.story.append(run.step.name)
        self.standing.add(run.step.name)
        self._meet_fault(run.step.name)

    def _take_down(self, run: Run) -> None:
        self.story.append(f"-{run.step.name}")
        self._meet_fault(f"-{run.step.name}")
        self.standing.discard(run.step.name)

    def _meet_fault(self, name: str) -> None:
        faults = self.faults.get(name, [])
        if len(faults) > 1:
            raise faults.pop(0)
        if faults:
            raise faults[0]


def _insert_row(run: Run) -> None:
    run.data[run.step.name] = "done"
    SignedState.objects.create(term=1, generation=run.operation.position, jws=run.step.name)


def _delete_row(run: Run) -> None:
    run.data.pop(run.step.name, None)
    SignedState.objects.filter(jws=run.step.name).delete()


def record_success(run: Run) -> None:
    record(AuditAction.CLUSTER_CREATED, actor=run.actor, operation=run.operation.pk)


def record_failure(run: Run) -> None:
    record(AuditAction.CLUSTER_CREATION_FAILED, actor=run.actor, operation=run.operation.pk)


def install(monkeypatch: pytest.MonkeyPatch, *steps: Step, seconds: int = 60) -> None:
    """Make the steps the workflow of ``KIND``."""
    workflow = Workflow(
        kind=KIND,
        steps=steps,
        deadline=timedelta(seconds=seconds),
        on_succeeded=record_success,
        on_failed=record_failure,
    )
    monkeypatch.setitem(WORKFLOWS, KIND, workflow)


def opened(**options: Any) -> Operation:
    return open_operation(KIND, actor=SYSTEM, parameters={}, **options)


@dataclass
class Worker:
    """Looks whenever it is time, dies where a failpoint says so, and comes back."""

    clock: TimeMachineFixture
    crashes: int = 0
    tolerates: tuple[type[BaseException], ...] = (SimulatedCrash,)

    def carry(
        self, operation: Operation, *, looks: int = 200, until: datetime | None = None
    ) -> Operation:
        """Go on until the operation has ended, for so many looks, or until a moment."""
        for _ in range(looks):
            self.clock.shift(self.look(operation.pk))
            operation.refresh_from_db()
            if not operation.is_open or (until and timezone.now() >= until):
                break
        return operation

    def look(self, operation_id: UUID) -> float:
        """One call of the engine; returns the seconds until the next."""
        try:
            pause = engine.advance(operation_id)
        except self.tolerates:
            self.crashes += 1
            pause = None
        return LEASE_SECONDS + 1 if pause is None else pause


@dataclass(frozen=True)
class Outcome:
    """All that is left of an operation that has ended."""

    state: str
    error: str
    secret: str
    data: dict[str, Any]
    steps: list[tuple[str, str]]
    standing: list[str]
    rows: list[str]
    audit: list[str]

    @classmethod
    def of(cls, operation: Operation, world: World) -> "Outcome":
        return cls(
            state=operation.state,
            error=operation.error_code,
            secret=operation.secret,
            data=operation.data,
            steps=step_states(operation),
            standing=sorted(world.standing),
            rows=sorted(SignedState.objects.values_list("jws", flat=True)),
            audit=sorted(AuditEvent.objects.values_list("action", flat=True)),
        )


def step_states(operation: Operation) -> list[tuple[str, str]]:
    rows = OperationStep.objects.filter(operation=operation)
    return [(row.name, row.state) for row in rows]


def waits(*, seconds: float = 1) -> list[Exception]:
    return [Wait(seconds, "Waiting for rain.")]
