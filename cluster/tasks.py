"""Celery tasks: they know only ids, and the database knows the rest."""

from uuid import UUID

import structlog
from django.db.models import Q
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from cluster import custody, oblivion, old_trail, state, stragglers, witness
from cluster.applications import uploads
from cluster.models import IdempotencyKey, Operation
from cluster.models.operation import OperationQuerySet
from cluster.workflows import engine
from config.celery import app, send
from config.errors import DomainError
from nodes import role
from nodes.role import Role
from nodes.services.commands import forget_questions

log = structlog.get_logger(__name__)


@app.task
def advance(operation_id: str) -> None:
    """Carry one operation forward as far as it goes now, and come back when it is worth it."""
    if not carried_here().filter(pk=operation_id).exists():
        return
    with bound_contextvars(operation=operation_id):
        pause = engine.advance(UUID(operation_id))
    if pause is not None:
        send("cluster.tasks.advance", operation_id, countdown=pause)


@app.task
def sweep() -> None:
    """Send what is due again: its message was lost, or its worker died."""
    for operation in carried_here().due(timezone.now()).only("pk"):
        send("cluster.tasks.advance", str(operation.pk))
    present = role.current()
    if present.is_leader:
        if not present.is_contested:
            stragglers.settle()
        if state.find_signed() is None:
            send("cluster.tasks.publish_state")
    witness.write_down()
    if not carried_here().open().exists():
        oblivion.forget_what_is_over()


@app.task
def keep_witnesses() -> None:
    """Every few seconds: have all nodes remember how far the audit trail is."""
    custody.keep()


@app.task
def seal_trail(operation_id: str) -> None:
    """On a former leader: make the export that it has promised."""
    try:
        old_trail.seal(operation_id)
    except DomainError as error:
        log.warning("old_trail_not_sealed", code=error.code, detail=error.detail)


@app.task
def fetch_trail() -> None:
    """On a new leader: go on fetching the trail from before."""
    old_trail.forget_stale()
    if role.current().is_leader and old_trail.fetch():
        send("cluster.tasks.fetch_trail")


@app.task
def publish_state() -> None:
    """Have the agent sign the present state for the other nodes to pull."""
    try:
        state.publish()
    except DomainError as error:
        log.warning("state_not_published", code=error.code, detail=error.detail)


@app.task
def tidy_up() -> None:
    """Forget what is kept for a day, and questions that nobody waits for any more."""
    IdempotencyKey.objects.expired().delete()
    forget_questions(now=timezone.now())
    uploads.forget_stale()


def carried_here() -> OperationQuerySet:
    """What this node may carry forward, by its role.

    A leader, and a machine without a cluster: everything. A leader in doubt: nothing, until a
    person has decided. Any other: its own joining; and a former leader the promotion by which it
    handed over, because the new leader may have yet to be told.
    """
    present = role.current()
    if present.is_contested:
        return Operation.objects.none()
    if present.role in (Role.UNINITIALISED, Role.LEADER):
        return Operation.objects.all()
    own = Q(kind=Operation.Kind.ENROL)
    if present.role == Role.WORKER and present.handed_over is not None:
        own |= Q(kind=Operation.Kind.PROMOTE, node=present.handed_over["to"])
    return Operation.objects.filter(own)
