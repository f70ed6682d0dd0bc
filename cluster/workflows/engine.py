"""Carries operations forward, one step at a time, and back again when a step fails.

The rows are the truth. Whoever holds the lease may write, and every write below names the lease in
its condition: a worker that was overtaken changes nothing. ``position`` and ``undoing`` say what
comes next, so that any worker can go on where another one died: each turn of the loop tries the
step at ``position`` once, forwards or backwards, and ends in one transaction that moves it.

Patience. A step that waits or meets ``Unavailable`` is tried again until its deadline; then it has
failed. Past the operation's deadline nothing new is begun: it is undone. What must not be left half
done (undoing, and whatever follows the point of no return) is tried ``TRIES`` times before time
counts, so that a machine that was switched off for an hour still cleans up.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cluster.errors.operations import OperationUndoIncomplete
from cluster.models import Operation, OperationStep
from cluster.models.operation import LEASE, OperationQuerySet
from cluster.workflows.registry import WORKFLOWS
from cluster.workflows.steps import Overtaken, Run, Step, StepFailed, Wait, Workflow
from config.errors import DomainError, Unavailable

__all__ = ["WORKFLOWS", "Run", "Step", "StepFailed", "Wait", "Workflow", "advance"]

UNDO_TIME = timedelta(seconds=60)
State, StepState = Operation.State, OperationStep.State
log = structlog.get_logger(__name__)


def advance(operation_id: uuid.UUID) -> float | None:
    """Do what can be done now; returns the seconds until it is worth looking again."""
    lease, pause = uuid.uuid4(), None
    held = Operation.objects.held(operation_id, lease=lease)
    run = _take(operation_id, lease, of=Operation.objects.due(timezone.now()))
    while run is not None and pause is None:
        try:
            pause = _go_back(run) if run.operation.undoing else _go_forward(run)
        except Overtaken:
            log.info("operation_overtaken", step=run.step.name)
        run = _take(operation_id, lease, of=held) if pause is None else None
    return pause


def _take(operation_id: uuid.UUID, lease: uuid.UUID, *, of: OperationQuerySet) -> Run | None:
    """Lease the row for one try, or keep it; None when it has ended or is another worker's."""
    now, row = timezone.now(), of.filter(pk=operation_id).that_may_become(State.RUNNING)
    leased = {"state": State.RUNNING, "lease": lease, "lease_until": now + LEASE}
    if not row.update(poked=False, attempts=F("attempts") + 1, **leased):
        return None
    operation = Operation.objects.get(pk=operation_id)
    step = operation.steps.get(position=operation.position)
    workflow = WORKFLOWS[operation.kind]
    return Run(operation, workflow, step, lease=lease, now=now, data=operation.data)


def _go_forward(run: Run) -> float | None:
    if run.operation.cancel_requested:
        _turn_back(run)
        return None
    if run.is_spent or (run.is_late and not run.operation.irreversible):
        return _fail(run, run.timed_out(run.row.detail))
    try:
        _begin(run)
        run.reach("before")
        if run.step.act is not None:
            run.step.act(run)
        run.reach("act")
        _finish(run)
        run.reach("after")
    except Wait as wait:
        return _postpone(run, wait.seconds, wait.detail)
    except StepFailed as failure:
        return _fail(run, failure.error)
    except Unavailable as error:
        return _postpone(run, run.pause, error.detail)
    except DomainError as error:
        return _fail(run, error)
    return None


def _go_back(run: Run) -> float | None:
    if run.is_spent:
        _leave_behind(run)
        return None
    try:
        run.reach("undo.before")
        if run.step.undo_act is not None and run.has_begun:
            run.step.undo_act(run)
        run.reach("undo.act")
        _finish_undo(run)
        run.reach("undo.after")
    except Wait as wait:
        return _postpone(run, wait.seconds, wait.detail)
    except (DomainError, StepFailed) as failure:
        return _postpone(run, run.pause, failure.detail)
    return None


def _begin(run: Run) -> None:
    if run.row.state == StepState.RUNNING:
        return
    if run.step.point_of_no_return and run.step.act is not None:
        run.operation.irreversible = True
    with _writing(run) as operation:
        operation.update(irreversible=run.operation.irreversible)
        _mark(run, state=StepState.RUNNING, started_at=run.now)


def _finish(run: Run) -> None:
    with _writing(run) as operation:
        if run.step.commit is not None:
            run.step.commit(run)
        _mark(run, state=StepState.SUCCEEDED, detail=run.detail, ended_at=timezone.now())
        no_return = run.operation.irreversible or run.step.point_of_no_return
        operation.update(data=run.data, node=run.operation.node_id, irreversible=no_return)
        _step_forward(run, operation)


def _finish_undo(run: Run) -> None:
    with _writing(run) as operation:
        if run.step.undo_commit is not None and run.has_committed:
            run.step.undo_commit(run)
        undone = run.row.state == StepState.RUNNING or (run.has_begun and run.step.has_undo)
        if undone and run.row.state != StepState.FAILED:  # people shall see which one it was
            _mark(run, state=StepState.UNDONE, ended_at=timezone.now())
        operation.update(data=run.data, node=run.operation.node_id)
        _step_back(run, operation)


def _postpone(run: Run, seconds: float, detail: str) -> float | None:
    """Give the lease back until then; go on at once if something has happened meanwhile."""
    now, limit = timezone.now(), run.operation.deadline
    if not run.operation.undoing:
        if now >= run.step_deadline and not (run.operation.irreversible and run.step.required):
            return _fail(run, run.timed_out(detail))
        limit = min(limit, run.step_deadline)
    if limit > now:
        seconds = min(seconds, (limit - now).total_seconds())
    with _writing(run) as operation:
        _mark(run, detail=detail)
        operation.update(data=run.data)
        due_at = now + timedelta(seconds=seconds)
        free = operation.filter(poked=False).update(lease=None, lease_until=None, due_at=due_at)
    return seconds if free else None


def _fail(run: Run, error: DomainError) -> float | None:
    """Skip the step, turn back, give up or insist: what its place in the workflow allows."""
    if not run.step.required:
        _skip(run, error)
    elif not run.operation.irreversible:
        _turn_back(run, error)
    elif run.is_spent:
        with _writing(run) as operation:
            _note_failure(run, operation, error)
            _end(run, operation, State.FAILED)
    else:
        return _postpone(run, run.pause, error.detail)
    return None


def _skip(run: Run, error: DomainError) -> None:
    with _writing(run) as operation:
        _mark(run, state=StepState.SKIPPED, detail=error.detail, ended_at=timezone.now())
        _step_forward(run, operation)


def _turn_back(run: Run, error: DomainError | None = None) -> None:
    """From here on backwards; without an error because somebody cancelled."""
    with _writing(run) as operation:
        operation.update(undoing=True, attempts=0, deadline=timezone.now() + UNDO_TIME)
        if error is not None:
            _note_failure(run, operation, error)


def _note_failure(run: Run, operation: OperationQuerySet, error: DomainError) -> None:
    operation.update(error_code=error.code, error_detail=error.detail)
    _mark(run, state=StepState.FAILED, detail=error.detail, ended_at=timezone.now())


def _leave_behind(run: Run) -> None:
    """This step cannot be undone; say so, and undo the others."""
    code = run.operation.error_code or OperationUndoIncomplete.code
    sentence = run.operation.error_detail or OperationUndoIncomplete.message
    left = f"Left behind: “{run.row.name}” could not be undone. {run.row.detail}"
    run.operation.error_code = code
    with _writing(run) as operation:
        operation.update(error_code=code, error_detail=f"{sentence} {left}".strip())
        _mark(run, state=StepState.FAILED, ended_at=timezone.now())
        _step_back(run, operation)


def _step_forward(run: Run, operation: OperationQuerySet) -> None:
    position = run.operation.position + 1
    operation.update(progress=100 * position // len(run.workflow.steps), attempts=0)
    if run.continues:
        _leave_rest(run, operation, position)
    if run.is_last or run.continues:
        _end(run, operation, State.SUCCEEDED)
    else:
        operation.update(position=position)


def _leave_rest(run: Run, operation: OperationQuerySet, position: int) -> None:
    """The steps from here on are another node's."""
    rest = run.operation.steps.filter(position__gte=position)
    detail = f"Continues on {run.continues}."
    operation.update(progress=100)
    rest.update(state=StepState.SKIPPED, detail=detail, ended_at=timezone.now())


def _step_back(run: Run, operation: OperationQuerySet) -> None:
    if run.operation.position == 0:
        _end(run, operation, State.FAILED if run.operation.error_code else State.CANCELLED)
    else:
        operation.update(position=run.operation.position - 1, attempts=0)


def _end(run: Run, operation: OperationQuerySet, state: Operation.State) -> None:
    """The one way out: the state, the secret's end and the hook's audit event commit together."""
    ended = {"state": state, "ended_at": timezone.now(), "secret": ""}
    operation.that_may_become(state).update(lease=None, lease_until=None, **ended)
    run.operation.refresh_from_db()
    hook = run.workflow.on_succeeded if state == State.SUCCEEDED else run.workflow.on_failed
    hook(run)


@contextmanager
def _writing(run: Run) -> Iterator[OperationQuerySet]:
    """A transaction that renews the lease first, if the row is still ours and not cancelled."""
    held = Operation.objects.held(run.operation.pk, lease=run.lease)
    unchanged = held.filter(cancel_requested=run.operation.cancel_requested)
    with transaction.atomic():
        if not unchanged.update(lease_until=timezone.now() + LEASE):
            raise Overtaken
        yield unchanged


def _mark(run: Run, **fields: Any) -> None:
    OperationStep.objects.filter(pk=run.row.pk).update(**fields)
