"""The leader's side of a join: active, or untouched."""

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster import state
from cluster.models import Cluster, JoinCode, Operation, SignedState
from nodes.agent import document
from nodes.models import Contact, Node
from tests.cluster.factories import Newcomer, carry_on, make_code
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def operation(cluster: Cluster, newcomer: Newcomer) -> Operation:
    """A join whose node has adopted its first state and said nothing yet."""
    newcomer.adopt(newcomer.enrol(make_code()[1]).json())
    newcomer.agent.pledge()
    return Operation.objects.get(kind="join")


def step(operation: Operation) -> str:
    """The step that the operation is at."""
    return operation.steps.filter(state="running").get().name


def test_node_is_active_once_it_holds_the_state(operation: Operation, newcomer: Newcomer) -> None:
    """S6."""
    newcomer.sync(source="10.5.4.2")

    carry_on(operation)

    node = Node.objects.get(pk=2)
    assert (operation.state, operation.progress) == ("succeeded", 100)
    assert (node.state, node.status) == ("active", "online")
    assert node.joined_at is not None


def test_node_that_became_active_learns_it_with_its_next_sync(
    operation: Operation, newcomer: Newcomer
) -> None:
    newcomer.sync(source="10.5.4.2")
    carry_on(operation)
    state.publish()

    newcomer.agent.receive(newcomer.sync(source="10.5.4.2").json()["state"])

    assert newcomer.agent.status()["role"] == "worker"


def test_active_node_can_open_the_sealed_part(operation: Operation, newcomer: Newcomer) -> None:
    newcomer.sync(source="10.5.4.2")
    carry_on(operation)
    state.publish()
    newcomer.agent.receive(newcomer.sync(source="10.5.4.2").json()["state"])

    assert '"accounts"' in newcomer.agent.unseal()


def test_join_waits_for_the_first_call(operation: Operation) -> None:
    carry_on(operation)

    assert step(operation) == "connect"


def test_join_waits_for_the_vpn_when_the_first_call_came_beside_it(
    operation: Operation, newcomer: Newcomer
) -> None:
    newcomer.sync(source="192.0.2.7", health={"vpn": {"state": "up"}})

    carry_on(operation)

    assert step(operation) == "connect"
    assert "not through the VPN" in operation.steps.get(name="connect").detail


def test_node_whose_vpn_is_off_joins_with_a_warning(
    operation: Operation, newcomer: Newcomer
) -> None:
    newcomer.sync(source="192.0.2.7", health={"vpn": {"state": "off"}})

    carry_on(operation)

    assert operation.state == "succeeded"
    assert operation.data["warnings"][0]["code"] == "vpn_off"


def test_node_joins_a_leader_whose_vpn_is_off(
    operation: Operation, newcomer: Newcomer, local_agent: FakeAgent
) -> None:
    local_agent.machine.vpn_state = "off"
    newcomer.sync(source="192.0.2.7", health={"vpn": {"state": "up"}})

    carry_on(operation)

    assert operation.state == "succeeded"


def test_join_waits_until_the_leaders_own_vpn_knows_the_node(
    operation: Operation, newcomer: Newcomer, local_agent: FakeAgent
) -> None:
    local_agent.machine.applies = False
    newcomer.sync(source="10.5.4.2")

    carry_on(operation)

    assert step(operation) == "admit"


def test_node_that_does_not_hold_the_state_yet_is_not_active(
    operation: Operation, newcomer: Newcomer
) -> None:
    newcomer.sync(source="10.5.4.2", generation=1)

    carry_on(operation)

    assert step(operation) == "replicate"
    assert Node.objects.get(pk=2).state == "joining"


def test_name_that_leads_nowhere_is_a_warning(
    operation: Operation, newcomer: Newcomer, settings: object
) -> None:
    """S10."""
    settings.RESOLVER = lambda name: False  # type: ignore[attr-defined]
    newcomer.sync(source="10.5.4.2")

    carry_on(operation)

    assert operation.state == "succeeded"
    assert "cannot resolve node2.example.org" in operation.steps.get(name="reserve").detail


def test_join_without_an_answer_is_undone_at_its_deadline(operation: Operation) -> None:
    carry_on(operation)
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())

    carry_on(operation)

    assert (operation.state, operation.error_code) == ("failed", "operation_timed_out")
    assert list(Node.objects.values_list("pk", flat=True)) == [1]
    assert not Contact.objects.filter(node_id=2).exists()
    assert JoinCode.objects.get().state == "active"


def test_undone_join_is_gone_from_the_state(operation: Operation, local_agent: FakeAgent) -> None:
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)

    state.publish()

    newest = SignedState.objects.first()
    assert newest is not None
    content = document.read_unverified(newest.jws)
    assert [node["id"] for node in content["nodes"]] == [1]


def test_machine_whose_join_was_undone_is_as_before(
    operation: Operation, newcomer: Newcomer
) -> None:
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)
    answer = newcomer.sync().json()

    newcomer.agent.withdraw(code=answer["code"], detail=answer["detail"])

    status = newcomer.agent.status()
    assert (status["role"], status["cluster"]) == ("uninitialised", None)
    assert status["reason"]


def test_join_is_one_success_in_the_audit_trail(operation: Operation, newcomer: Newcomer) -> None:
    newcomer.sync(source="10.5.4.2")
    carry_on(operation, times=3)

    event = AuditEvent.objects.get(action="node.joined")
    assert (event.outcome, event.node, event.operation) == ("ok", 2, operation.pk)


def test_undone_join_is_one_failure_in_the_audit_trail(operation: Operation) -> None:
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation, times=3)

    event = AuditEvent.objects.get(action="node.join.failed")
    assert (event.outcome, event.details["code"]) == ("failed", "operation_timed_out")
