"""The words that workflows are written in: steps, a run, and the two ways of not being done."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.actor import Actor
from cluster.errors.operations import OperationTimedOut
from cluster.models import Operation, OperationStep
from cluster.workflows.failpoints import failpoint
from config.encryption import decrypt
from config.errors import DomainError

TRIES = 10
"""How often at least what must be done is tried, however late it is."""
LONGEST_PAUSE = 2.0


class Wait(Exception):
    """Not yet: look again after so many seconds, or when poked. ``detail`` says what is awaited."""

    def __init__(self, seconds: float, detail: str = "") -> None:
        self.seconds = seconds
        self.detail = detail
        super().__init__(detail)


class StepFailed(Exception):
    """A definite failure, even where the error's kind is usually tried again (``Unavailable``)."""

    def __init__(self, error: DomainError) -> None:
        self.error = error
        self.detail = error.detail
        super().__init__(error.detail)


class Overtaken(Exception):
    """The row is no longer as this worker knows it: cancelled meanwhile, or another one's."""


@dataclass(frozen=True)
class Step:
    """One stretch of a workflow between two places where a crash does no harm.

    ``act`` has the effects outside the database: repeatable, no transaction. ``commit`` has those
    inside it, and is one transaction with the step's marker. ``undo_act`` takes back what ``act``
    did, and also runs when that was begun and not finished, so it must bear to find nothing;
    ``undo_commit`` runs only where ``commit`` did. A step that is not ``required`` is skipped when
    it fails.
    """

    name: str
    act: "Callable[[Run], None] | None" = None
    commit: "Callable[[Run], None] | None" = None
    undo_act: "Callable[[Run], None] | None" = None
    undo_commit: "Callable[[Run], None] | None" = None
    deadline: timedelta = timedelta(seconds=30)
    required: bool = True
    point_of_no_return: bool = False
    """Passed when ``act`` begins, or with ``commit`` where there is no ``act``."""

    def __post_init__(self) -> None:
        if self.undo_commit is not None and self.commit is None:
            raise TypeError(f"{self.name} has nothing that undo_commit could take back")

    @property
    def has_undo(self) -> bool:
        return self.undo_act is not None or self.undo_commit is not None


def _nothing(run: "Run") -> None:
    """No more to do at the end."""


@dataclass(frozen=True)
class Workflow:
    """The table of contents of an operation; the hooks run in the transaction of its end."""

    kind: Operation.Kind
    steps: tuple[Step, ...]
    deadline: timedelta
    on_succeeded: "Callable[[Run], None]" = _nothing
    on_failed: "Callable[[Run], None]" = _nothing
    """Also when it was cancelled: ``run.operation.state`` tells."""
    retryable: bool = False
    """Whether the stored parameters are enough to start again."""


def actor_of(operation: Operation) -> Actor:
    """Who asked for the operation."""
    return Actor.read(operation.actor)


@dataclass
class Run:
    """One try of one step, by the worker that holds the lease."""

    operation: Operation
    workflow: Workflow
    row: OperationStep
    lease: UUID
    now: datetime
    """When this try began."""
    data: dict[str, Any] = field(default_factory=dict)
    """What steps leave for later steps and tries; kept when the step ends or waits, never a secret.
    """
    detail: str = ""
    continues: str = ""
    """Where the operation goes on from here, if it is not here."""

    @property
    def step(self) -> Step:
        return self.workflow.steps[self.operation.position]

    @property
    def is_last(self) -> bool:
        return self.operation.position == len(self.workflow.steps) - 1

    @property
    def has_begun(self) -> bool:
        """Whether the step may have had effects."""
        return self.row.started_at is not None

    @property
    def has_committed(self) -> bool:
        """Known exactly, because ``commit`` and the marker are one transaction."""
        return self.row.state == OperationStep.State.SUCCEEDED

    @property
    def is_late(self) -> bool:
        return self.now >= self.operation.deadline

    @property
    def is_spent(self) -> bool:
        """Late, and tried often enough: what must be done cannot be done."""
        return self.is_late and self.operation.attempts > TRIES

    @property
    def pause(self) -> float:
        """Seconds until the next try of something that does not answer: growing, never long."""
        return float(min(0.1 * 2 ** min(self.operation.attempts, 10), LONGEST_PAUSE))

    @property
    def step_deadline(self) -> datetime:
        return (self.row.started_at or self.now) + self.step.deadline

    def timed_out(self, detail: str) -> OperationTimedOut:
        return OperationTimedOut(step=self.row.name, detail=detail)

    def reach(self, boundary: str) -> None:
        """A place where a test may stop the world, such as ``join.reserve.after``."""
        failpoint(f"{self.operation.kind}.{self.step.name}.{boundary}")

    @property
    def actor(self) -> Actor:
        """Who asked for the operation."""
        return actor_of(self.operation)

    @cached_property
    def secret(self) -> dict[str, Any]:
        """What was given in confidence; gone when the operation has ended."""
        opened: dict[str, Any] = json.loads(decrypt(self.operation.secret))
        return opened

    def pass_no_return(self, *, deadline: timedelta) -> None:
        """Make this the point of no return, in the middle of ``act``, with that much time left.

        For an ``act`` that can yet fail before it; raises ``Overtaken`` after a cancel.
        """
        held = Operation.objects.held(self.operation.pk, lease=self.lease)
        until = timezone.now() + deadline
        if not held.filter(cancel_requested=False).update(irreversible=True, deadline=until):
            raise Overtaken
        self.operation.irreversible, self.operation.deadline = True, until

    def continue_on(self, place: str) -> None:
        """End the operation with this step, successfully: another node goes on with the rest."""
        self.continues = place

    def note(self, detail: str) -> None:
        """Say something about the step that people will read beside it."""
        self.detail = detail
