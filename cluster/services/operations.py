"""Opening, cancelling, waking and repeating operations."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster.errors.operations import (
    OperationInProgress,
    OperationNotCancellable,
    OperationNotRetryable,
)
from cluster.models import Operation, OperationStep
from cluster.models.operation import OperationQuerySet
from cluster.workflows.registry import WORKFLOWS
from config.celery import send
from config.encryption import encrypt
from config.sentences import in_english
from nodes.models import Node


@transaction.atomic
def open_operation(
    kind: Operation.Kind,
    *,
    actor: Actor,
    parameters: Mapping[str, object],
    deadline: timedelta | None = None,
    node: Node | None = None,
    secret: Mapping[str, object] | None = None,
    operation_id: UUID | None = None,
    subject: str = "",
) -> Operation:
    """Accept an operation in the caller's transaction; it starts once that is committed.

    ``deadline`` defaults to the workflow's, ``operation_id`` to a new one. Raises
    ``OperationInProgress`` while another membership operation is open, or another one with the same
    ``subject``. The caller records the request in the audit trail.
    """
    workflow = WORKFLOWS[kind]
    operation = Operation(
        id=operation_id or uuid4(),
        kind=kind,
        subject=subject,
        actor=asdict(actor),
        parameters=dict(parameters),
        deadline=timezone.now() + (deadline or workflow.deadline),
        node=node,
        secret="" if secret is None else encrypt(json.dumps(dict(secret))),
    )
    _insert(operation)
    OperationStep.objects.bulk_create(
        OperationStep(operation=operation, position=position, name=step.name)
        for position, step in enumerate(workflow.steps)
    )
    _send_after_commit(operation.pk)
    return operation


@transaction.atomic
def cancel(operation: Operation, *, actor: Actor) -> Operation:
    """Ask for what was done to be undone; a second time is no error.

    Raises ``OperationNotCancellable`` past the point of no return, and for one that has ended.
    """
    accepted = Operation.objects.cancellable().filter(pk=operation.pk, cancel_requested=False)
    if accepted.update(cancel_requested=True, poked=True, due_at=timezone.now()):
        target = operation.audit_target
        record(AuditAction.OPERATION_CANCELLED, actor=actor, target=target, operation=operation.pk)
        _send_after_commit(operation.pk)
    operation.refresh_from_db()
    if not operation.cancel_requested:
        raise OperationNotCancellable(reason=_why_not_cancellable(operation))
    return operation


def poke(operation_id: UUID) -> None:
    """Make the operation look at once whether what it waits for has happened."""
    if Operation.objects.open().filter(pk=operation_id).update(poked=True, due_at=timezone.now()):
        _send_after_commit(operation_id)


def poke_removal() -> None:
    """The same for the removal that is going on, if one is."""
    removals = Operation.objects.open().filter(kind=Operation.Kind.REMOVE)
    for operation_id in removals.values_list("pk", flat=True):
        poke(operation_id)


def poke_applications(node_id: int) -> None:
    """The same for what is being done with applications of a node that has answered."""
    waiting = Operation.objects.open().filter(kind__in=Operation.ABOUT_APPLICATIONS, node=node_id)
    for operation_id in waiting.values_list("pk", flat=True):
        poke(operation_id)


@transaction.atomic
def retry(operation: Operation, *, actor: Actor) -> Operation:
    """Start a failed or cancelled operation again, with the same parameters.

    Raises ``OperationNotRetryable`` where it needs a secret, which ended with it, and where another
    one was begun or has succeeded since.
    """
    if not is_retryable(operation):
        raise OperationNotRetryable(reason=_why_not_retryable(operation))
    again = open_operation(
        Operation.Kind(operation.kind), actor=actor, parameters=operation.parameters
    )
    target, details = operation.audit_target, {"again_as": str(again.pk)}
    record(
        AuditAction.OPERATION_RETRIED,
        actor=actor,
        target=target,
        operation=again.pk,
        details=details,
    )
    return again


def retryable_operations() -> OperationQuerySet:
    """What *Try again* can repeat without asking: unsuccessful, nothing has succeeded since, and
    nothing of the kind was begun, such as by trying it again.
    """
    kinds = [kind for kind, workflow in WORKFLOWS.items() if workflow.retryable]
    unsuccessful = [Operation.State.FAILED, Operation.State.CANCELLED]
    later = Operation.objects.filter(created_at__gt=OuterRef("created_at"))
    succeeded = Q(state=Operation.State.SUCCEEDED) & ~Q(kind__in=Operation.ABOUT_APPLICATIONS)
    since = later.filter(succeeded | Q(kind=OuterRef("kind")))
    return Operation.objects.filter(~Exists(since), kind__in=kinds, state__in=unsuccessful)


def is_retryable(operation: Operation) -> bool:
    """Whether this one is among them."""
    return retryable_operations().filter(pk=operation.pk).exists()


def _insert(operation: Operation) -> None:
    try:
        with transaction.atomic():
            operation.save(force_insert=True)
    except IntegrityError:
        other = _find_other(operation)
        if other is None:
            raise
        raise OperationInProgress(kind=in_english(Operation.Kind(other.kind).label)) from None


def _find_other(operation: Operation) -> Operation | None:
    """The one that stands in the way."""
    found = Operation.objects.open()
    if operation.subject:
        return found.filter(subject=operation.subject).first()
    if operation.kind == Operation.Kind.BACKUP:
        return found.filter(kind=Operation.Kind.BACKUP).first()
    return found.exclude(kind__in=Operation.BESIDE_MEMBERSHIP).first()


def _send_after_commit(operation_id: UUID) -> None:
    transaction.on_commit(partial(send, "cluster.tasks.advance", str(operation_id)))


def _why_not_cancellable(operation: Operation) -> str:
    if not operation.is_open:
        return f"it has already {operation.state}"
    if operation.undoing:
        return "it failed, and is being undone"
    return "its point of no return is passed"


def _why_not_retryable(operation: Operation) -> str:
    if operation.is_open:
        return "it is still running"
    if operation.state == Operation.State.SUCCEEDED:
        return "it has succeeded"
    if WORKFLOWS[operation.kind].retryable:
        return "another one was begun or has succeeded since"
    return "what it needs was given in confidence and is not kept; ask anew"
