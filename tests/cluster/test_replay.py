"""Create, enrol, join and remove, each with a crash around every step, forwards and back.

The outcome equals an undisturbed run, and the audit trail has one row of it.
"""

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster.models import Cluster, FollowUp, JoinCode, Operation, SignedState
from cluster.services.joining import request_join
from cluster.workflows import create, enrol, join, remove
from nodes.models import Contact, Node
from tests.cluster.factories import (
    ADMIN,
    Newcomer,
    add_node,
    carry_on,
    hear_from,
    make_code,
    request_cluster,
)
from tests.cluster.fake_leader import FakeLeader
from tests.cluster.removals import ask_removal
from tests.cluster.replaying import BACK, FORWARDS, boundaries, set_failpoint, survive
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def end_now() -> None:
    Operation.objects.update(deadline=timezone.now())


@pytest.mark.parametrize("place", boundaries(create.WORKFLOW, FORWARDS))
def test_creation_survives_a_crash_anywhere(
    place: str, local_agent: FakeAgent, settings: Any
) -> None:
    operation, _ = request_cluster()
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=lambda: hear_from(1))

    assert (crashed, operation.state) == (True, "succeeded")
    assert (Cluster.objects.count(), Node.objects.count()) == (1, 1)
    assert SignedState.objects.count() == 1
    assert local_agent.status()["role"] == "leader"
    assert AuditEvent.objects.filter(action="cluster.created").count() == 1


@pytest.mark.parametrize("place", boundaries(create.WORKFLOW, BACK)[:-3])
def test_creation_is_undone_across_a_crash_anywhere(
    place: str, local_agent: FakeAgent, settings: Any
) -> None:
    operation, _ = request_cluster()
    carry_on(operation)
    end_now()
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=lambda: None)

    assert (crashed, operation.state) == (True, "failed")
    assert (Cluster.objects.count(), Node.objects.count()) == (0, 0)
    assert SignedState.objects.count() == 0
    assert local_agent.status()["role"] == "uninitialised"
    assert AuditEvent.objects.filter(action="cluster.creation.failed").count() == 1


@pytest.fixture
def joining(cluster: Cluster, newcomer: Newcomer) -> Newcomer:
    """A machine that has adopted its first state."""
    newcomer.adopt(newcomer.enrol(make_code()[1]).json())
    newcomer.agent.pledge()
    return newcomer


@pytest.mark.parametrize("place", boundaries(join.WORKFLOW, FORWARDS))
def test_join_survives_a_crash_anywhere(place: str, joining: Newcomer, settings: Any) -> None:
    operation = Operation.objects.get(kind="join")
    set_failpoint(settings, place)

    crashed = survive(operation, settings, between=lambda: joining.sync(source="10.5.4.2"))

    assert (crashed, operation.state) == (True, "succeeded")
    assert list(Node.objects.values_list("id", "state")) == [(1, "active"), (2, "active")]
    assert AuditEvent.objects.filter(action="node.joined").count() == 1


@pytest.mark.parametrize("place", boundaries(join.WORKFLOW, ("undo.before", "undo.after"))[:4])
def test_join_is_undone_across_a_crash_anywhere(
    place: str, joining: Newcomer, settings: Any
) -> None:
    operation = carry_on(Operation.objects.get(kind="join"))
    end_now()
    set_failpoint(settings, place)

    survive(operation, settings, between=lambda: None)

    assert operation.state == "failed"
    assert list(Node.objects.values_list("id", flat=True)) == [1]
    assert JoinCode.objects.get().state == "active"
    assert AuditEvent.objects.filter(action="node.join.failed").count() == 1


def test_join_that_no_worker_ever_took_up_is_undone(joining: Newcomer) -> None:
    end_now()

    operation = carry_on(Operation.objects.get(kind="join"))

    assert operation.state == "failed"
    assert list(Node.objects.values_list("id", flat=True)) == [1]
    assert JoinCode.objects.get().state == "active"


@pytest.mark.parametrize("place", boundaries(enrol.WORKFLOW, FORWARDS))
def test_enrolment_survives_a_crash_anywhere(
    place: str, leader: FakeLeader, local_agent: FakeAgent, settings: Any
) -> None:
    operation = request_join(actor=ADMIN, code=leader.code(), fqdn="node2.example.org")
    set_failpoint(settings, place)

    def decide() -> None:
        if local_agent.status()["joining"]:
            local_agent.receive(leader.activate())

    crashed = survive(operation, settings, between=decide)

    assert (crashed, operation.state) == (True, "succeeded")
    assert local_agent.status()["role"] == "worker"
    assert len(leader.nodes) == 2
    assert AuditEvent.objects.filter(action="cluster.joined").count() == 1


@pytest.mark.parametrize("place", boundaries(enrol.WORKFLOW, ("undo.before", "undo.after"))[:8])
def test_enrolment_is_undone_across_a_crash_anywhere(
    place: str, leader: FakeLeader, local_agent: FakeAgent, settings: Any
) -> None:
    operation = carry_on(request_join(actor=ADMIN, code=leader.code(), fqdn="node2.example.org"))
    end_now()
    set_failpoint(settings, place)

    survive(operation, settings, between=lambda: None)

    status = local_agent.status()
    assert operation.state == "failed"
    assert (status["role"], status["cluster"], status["joining"]) == ("uninitialised", None, None)
    assert AuditEvent.objects.filter(action="cluster.join.failed").count() == 1


def confirm_farewell() -> None:
    Contact.objects.filter(node_id=2).update(farewell_at=timezone.now())


@pytest.fixture
def removal(cluster: Cluster) -> Operation:
    """Node 2, which is online, shall go."""
    add_node(2)
    hear_from(2)
    return ask_removal()


@pytest.mark.parametrize("place", boundaries(remove.WORKFLOW, FORWARDS))
def test_removal_survives_a_crash_anywhere(place: str, removal: Operation, settings: Any) -> None:
    set_failpoint(settings, place)

    crashed = survive(removal, settings, between=confirm_farewell)

    assert (crashed, removal.state) == (True, "succeeded")
    assert list(Node.objects.values_list("id", "state")) == [(1, "active"), (2, "removed")]
    assert FollowUp.objects.filter(kind="shut_down_node").count() == 1
    assert AuditEvent.objects.filter(action="node.removed").count() == 1


@pytest.mark.parametrize("place", ["remove.revoke.undo.before", "remove.revoke.undo.after"])
def test_removal_that_is_cancelled_leaves_the_node_across_a_crash(
    place: str, removal: Operation, settings: Any
) -> None:
    Operation.objects.update(cancel_requested=True)
    set_failpoint(settings, place)

    crashed = survive(removal, settings, between=lambda: None)

    assert (crashed, removal.state) == (True, "cancelled")
    assert list(Node.objects.values_list("id", "state")) == [(1, "active"), (2, "active")]
    assert AuditEvent.objects.filter(action="node.removal.failed").count() == 1


def test_removal_that_nobody_took_up_in_time_leaves_the_node(removal: Operation) -> None:
    end_now()

    carry_on(removal)

    assert (removal.state, removal.error_code) == ("failed", "operation_timed_out")
    assert Node.objects.get(pk=2).state == "active"
