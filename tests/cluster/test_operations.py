"""Opening, cancelling, waking and repeating operations."""

import threading
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.models import AuditEvent
from cluster.errors.operations import (
    OperationInProgress,
    OperationNotCancellable,
    OperationNotRetryable,
)
from cluster.models import Operation
from cluster.services import operations
from cluster.workflows.registry import WORKFLOWS
from tests.cluster.broker import Broker, broker
from tests.cluster.factories import ADMIN

__all__ = ["broker"]

pytestmark = pytest.mark.django_db
CREATE, ENROL = Operation.Kind.CREATE, Operation.Kind.ENROL


def opened(kind: Operation.Kind = CREATE, **options: Any) -> Operation:
    return operations.open_operation(
        kind, actor=ADMIN, **({"parameters": {"label": "Fleet"}} | options)
    )


def ended(state: Operation.State, *, kind: Operation.Kind = CREATE) -> Operation:
    operation = opened(kind)
    end = {"state": state, "ended_at": timezone.now(), "secret": ""}
    Operation.objects.filter(pk=operation.pk).update(**end)
    operation.refresh_from_db()
    return operation


def test_operation_is_sent_once_it_is_committed(
    broker: Broker, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        operation = opened()
        assert broker.sent() == []
    assert broker.sent() == [("cluster.tasks.advance", [str(operation.pk)])]


def test_operation_is_accepted_while_the_broker_is_down(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        operation = opened()
    assert Operation.objects.get() == operation


def test_steps_are_shown_from_the_start() -> None:
    names = [step.name for step in WORKFLOWS[CREATE].steps]
    assert list(opened().steps.values_list("name", "state")) == [(n, "pending") for n in names]


def test_deadline_is_the_workflows() -> None:
    operation = opened()
    given = operation.deadline - operation.created_at
    assert abs(given - WORKFLOWS[CREATE].deadline).total_seconds() < 1


def test_second_membership_operation_is_refused_while_one_is_open() -> None:
    opened()
    with pytest.raises(OperationInProgress, match="create the cluster"):
        opened(ENROL)


def test_refused_operation_leaves_the_callers_transaction_usable() -> None:
    opened()
    with transaction.atomic():
        with pytest.raises(OperationInProgress):
            opened(ENROL)
        assert Operation.objects.count() == 1


def test_next_operation_opens_when_the_first_has_ended() -> None:
    ended(Operation.State.FAILED)
    assert opened().state == Operation.State.PENDING


@pytest.mark.django_db(transaction=True)
def test_one_of_many_simultaneous_operations_is_accepted() -> None:
    racers = 8
    barrier = threading.Barrier(racers)
    outcomes: list[str] = []

    def ask() -> None:
        barrier.wait()
        try:
            opened()
            outcomes.append("accepted")
        except OperationInProgress as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted"] + ["operation_in_progress"] * (racers - 1)


def test_cancel_is_recorded_once() -> None:
    operation = opened()
    operations.cancel(operation, actor=ADMIN)
    operations.cancel(operation, actor=ADMIN)
    event = AuditEvent.objects.get()
    assert (event.action, event.user, event.operation) == (
        AuditAction.OPERATION_CANCELLED,
        "alice",
        operation.pk,
    )


def test_cancel_wakes_the_operation(
    broker: Broker, django_capture_on_commit_callbacks: Any
) -> None:
    operation = opened()
    with django_capture_on_commit_callbacks(execute=True):
        operations.cancel(operation, actor=ADMIN)
        assert broker.sent() == []
    assert broker.sent() == [("cluster.tasks.advance", [str(operation.pk)])]


@pytest.mark.parametrize("state", [Operation.State.SUCCEEDED, Operation.State.FAILED])
def test_ended_operation_cannot_be_cancelled(state: Operation.State) -> None:
    with pytest.raises(OperationNotCancellable, match=f"it has already {state}"):
        operations.cancel(ended(state), actor=ADMIN)


@pytest.mark.parametrize("field", ["undoing", "irreversible"])
def test_operation_on_its_last_way_cannot_be_cancelled(field: str) -> None:
    operation = opened()
    Operation.objects.update(**{field: True})
    with pytest.raises(OperationNotCancellable):
        operations.cancel(operation, actor=ADMIN)
    assert not AuditEvent.objects.exists()


def test_stale_copy_does_not_cancel_what_has_ended() -> None:
    operation = opened()
    Operation.objects.update(state="succeeded", ended_at=timezone.now())
    with pytest.raises(OperationNotCancellable):
        operations.cancel(operation, actor=ADMIN)


def test_poke_of_an_ended_operation_does_nothing(
    broker: Broker, django_capture_on_commit_callbacks: Any
) -> None:
    operation = ended(Operation.State.SUCCEEDED)
    with django_capture_on_commit_callbacks(execute=True):
        operations.poke(operation.pk)
    assert broker.sent() == []


def test_poke_of_an_unknown_operation_does_nothing() -> None:
    operations.poke(uuid.uuid4())
    assert not Operation.objects.exists()


@pytest.mark.parametrize("state", [Operation.State.FAILED, Operation.State.CANCELLED])
def test_unsuccessful_creation_can_be_tried_again(state: Operation.State) -> None:
    again = operations.retry(ended(state), actor=ADMIN)
    assert (again.state, again.parameters) == ("pending", {"label": "Fleet"})


def test_trying_again_is_recorded() -> None:
    again = operations.retry(ended(Operation.State.FAILED), actor=ADMIN)
    event = AuditEvent.objects.get()
    assert (event.action, event.operation) == (AuditAction.OPERATION_RETRIED, again.pk)


@pytest.mark.parametrize("state", [Operation.State.SUCCEEDED, Operation.State.PENDING])
def test_only_what_failed_can_be_tried_again(state: Operation.State) -> None:
    with pytest.raises(OperationNotRetryable):
        operations.retry(ended(state), actor=ADMIN)


def test_failure_is_not_tried_again_once_another_has_succeeded() -> None:
    failed = ended(Operation.State.FAILED)
    ended(Operation.State.SUCCEEDED)
    with pytest.raises(OperationNotRetryable, match="succeeded since"):
        operations.retry(failed, actor=ADMIN)


@pytest.mark.parametrize("state", [Operation.State.PENDING, Operation.State.FAILED])
def test_failure_that_was_tried_again_is_not_offered_again(state: Operation.State) -> None:
    failed = ended(Operation.State.FAILED)
    again = operations.retry(failed, actor=ADMIN)
    end = timezone.now() if state == Operation.State.FAILED else None
    Operation.objects.filter(pk=again.pk).update(state=state, ended_at=end)

    assert not operations.is_retryable(failed)
    assert operations.is_retryable(again) is (state == Operation.State.FAILED)


def test_join_cannot_be_tried_again_without_its_code() -> None:
    with pytest.raises(OperationNotRetryable, match="not kept"):
        operations.retry(ended(Operation.State.FAILED, kind=ENROL), actor=ADMIN)
