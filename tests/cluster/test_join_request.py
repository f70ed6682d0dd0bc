"""Asking to join: what is refused at once, what is kept secret, what is recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.models import AuditEvent
from cluster.errors import ClusterAlreadySet
from cluster.errors.joining import (
    JoinCodeCorrupted,
    JoinCodeExpired,
    JoinCodeMalformed,
    JoinCodeTruncated,
)
from cluster.errors.operations import OperationInProgress
from cluster.models import Operation, OperationStep
from cluster.services.joining import request_join
from nodes.errors import HostnameError
from tests.cluster.factories import ADMIN, carry_on, create_cluster
from tests.cluster.fake_leader import FakeLeader
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def join(leader: FakeLeader, **changes: Any) -> Operation:
    values = {"code": leader.code(), "fqdn": "node2.example.org"} | changes
    return carry_on(request_join(actor=ADMIN, **values))


def step(operation: Operation) -> OperationStep:
    """The step that the operation is at."""
    return operation.steps.filter(state="running").get()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("hello", JoinCodeMalformed),
        ("FLT1.eyJ2IjoxLCJ1cmxz", JoinCodeTruncated),
        ("FLT1.AAAA", JoinCodeCorrupted),
    ],
)
def test_bad_code_is_refused_at_once(text: str, error: type[Exception], leader: FakeLeader) -> None:
    """S12."""
    with pytest.raises(error):
        request_join(actor=ADMIN, code=text, fqdn="node2.example.org")

    assert not Operation.objects.exists()


def test_expired_code_is_refused_at_once(leader: FakeLeader) -> None:
    """S12."""
    code = leader.code(expires=datetime.now(UTC) - timedelta(seconds=1))

    with pytest.raises(JoinCodeExpired):
        request_join(actor=ADMIN, code=code, fqdn="node2.example.org")


def test_bad_name_is_refused_at_once(leader: FakeLeader) -> None:
    """S10."""
    with pytest.raises(HostnameError):
        request_join(actor=ADMIN, code=leader.code(), fqdn="node2")


def test_own_name_is_the_default(leader: FakeLeader) -> None:
    """S10."""
    operation = request_join(actor=ADMIN, code=leader.code())

    assert operation.parameters["fqdn"] == "node1.example.org"


def test_second_join_is_refused_while_one_runs(leader: FakeLeader) -> None:
    join(leader)

    with pytest.raises(OperationInProgress):
        join(leader)


def test_member_of_a_cluster_joins_no_other(leader: FakeLeader, settings: Any) -> None:
    create_cluster()

    with pytest.raises(ClusterAlreadySet):
        join(leader)


def test_secret_is_encrypted_while_it_is_needed_and_gone_afterwards(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    secret = "k3J9x0bR2m5WqYt7uPzLsA"
    operation = join(leader)
    during = str(Operation.objects.values().get())
    local_agent.receive(leader.activate())

    carry_on(operation)

    assert secret not in during
    assert Operation.objects.get().secret == ""
    assert secret not in str(list(AuditEvent.objects.values()))


def test_join_is_in_the_audit_trail_from_the_wish_to_the_end(
    leader: FakeLeader, local_agent: FakeAgent
) -> None:
    """S44."""
    operation = join(leader)
    local_agent.receive(leader.activate())
    carry_on(operation, times=3)

    events = AuditEvent.objects.order_by("id").values_list("user", "action", "outcome")
    assert list(events) == [
        ("alice", "cluster.join.requested", "ok"),
        ("alice", "cluster.joined", "ok"),
    ]
