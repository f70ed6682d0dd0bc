"""The table of an operation's states, every pair of it; and what the database itself refuses."""

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cluster.models import Operation
from cluster.services.operations import open_operation
from tests.cluster.factories import ADMIN

pytestmark = pytest.mark.django_db
State = Operation.State
ALLOWED = {
    (State.PENDING, State.RUNNING),
    (State.RUNNING, State.RUNNING),
    (State.RUNNING, State.SUCCEEDED),
    (State.RUNNING, State.FAILED),
    (State.RUNNING, State.CANCELLED),
}


def operation_in(state: Operation.State, **values: Any) -> Operation:
    operation = open_operation(Operation.Kind.CREATE, actor=ADMIN, parameters={})
    ended = {} if state in Operation.OPEN else {"ended_at": timezone.now()}
    Operation.objects.filter(pk=operation.pk).update(**({"state": state} | ended | values))
    operation.refresh_from_db()
    return operation


@pytest.mark.parametrize(("source", "target"), list(product(State, State)))
def test_only_the_table_leads_from_state_to_state(
    source: Operation.State, target: Operation.State
) -> None:
    operation_in(source)
    may_change = Operation.objects.that_may_become(target).exists()
    assert may_change == ((source, target) in ALLOWED)


@pytest.mark.parametrize("state", State)
def test_open_is_what_has_not_ended(state: Operation.State) -> None:
    expected = state in (State.PENDING, State.RUNNING)
    assert operation_in(state).is_open == expected
    assert Operation.objects.open().exists() == expected


@pytest.mark.parametrize("state", State)
def test_only_open_operations_are_due(state: Operation.State) -> None:
    operation_in(state)
    assert Operation.objects.due(timezone.now()).exists() == (state in Operation.OPEN)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("undoing", [False, True])
@pytest.mark.parametrize("irreversible", [False, True])
def test_row_and_queryset_agree_on_what_is_cancellable(
    state: Operation.State, undoing: bool, irreversible: bool
) -> None:
    way = {"undoing": undoing and not irreversible, "irreversible": irreversible}
    operation = operation_in(state, **way)
    assert operation.cancellable == Operation.objects.cancellable().exists()


@pytest.mark.parametrize(
    "values",
    [
        {"state": State.FAILED},
        {"state": State.FAILED, "ended_at": timezone.now(), "secret": "kept"},
        {"undoing": True, "irreversible": True},
    ],
    ids=["ended without a time", "ended with its secret", "undone past no return"],
)
def test_database_refuses_what_may_never_be(values: dict[str, Any]) -> None:
    operation = operation_in(State.RUNNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        Operation.objects.filter(pk=operation.pk).update(**values)
