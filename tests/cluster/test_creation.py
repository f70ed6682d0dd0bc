"""Creating a cluster: what is refused at once, and what the workflow leaves behind."""

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from cluster import recovery_key, state
from cluster.errors import (
    ClusterAlreadySet,
    NotAPrivateNetwork,
    VpnNetworkOverlaps,
    VpnNetworkTooSmall,
)
from cluster.errors.operations import OperationInProgress
from cluster.models import Cluster, Operation, SignedState
from cluster.services.operations import open_operation
from nodes import role
from nodes.agent import document, signing
from nodes.errors import EndpointInvalid
from nodes.local_agent import AgentUnavailable
from nodes.models import Node
from tests.cluster.factories import ADMIN, carry_on, create_cluster, hear_from, request_cluster
from tests.fakes import FakeAgent

NO_PATIENCE = timedelta(seconds=-1)
pytestmark = pytest.mark.django_db


def request(**changes: object) -> Operation:
    return request_cluster(**changes)[0]


def test_created_cluster_has_this_machine_as_its_leader(local_agent: FakeAgent) -> None:
    """S1, S2."""
    cluster = create_cluster(max_nodes=3)

    leader = Node.objects.get()
    keys = local_agent.status()["keys"]
    assert (leader.id, leader.role, leader.state) == (1, "leader", "active")
    assert (leader.vpn_address, leader.endpoint) == ("10.5.4.1", "node1.example.org:55820")
    assert leader.identity_key == keys["identity_key"]
    assert (cluster.max_nodes, cluster.next_node_id, cluster.generation) == (3, 2, 1)
    assert role.current().is_leader


def test_created_cluster_has_a_state_signed_by_its_leader(local_agent: FakeAgent) -> None:
    cluster = create_cluster()

    signed = SignedState.objects.get()
    key = local_agent.status()["keys"]["identity_key"]
    content = document.verify(signed.jws, keys={1: key})
    assert content["cluster"]["uuid"] == str(cluster.uuid)
    assert [node["id"] for node in content["nodes"]] == [1]


def test_four_nodes_are_the_default(local_agent: FakeAgent) -> None:
    """S4."""
    assert create_cluster().max_nodes == 4


def test_recovery_key_is_answered_once_and_kept_nowhere(local_agent: FakeAgent) -> None:
    operation, text = request_cluster()

    private = text.removeprefix(recovery_key.PREFIX).partition(".")[0]
    public = signing.public_text(signing.load_private(private))
    assert operation.parameters["recovery_key"] == public
    assert private not in str(Operation.objects.values().get())
    assert private not in str(list(AuditEvent.objects.values()))


def test_creation_waits_until_the_agent_has_reported(local_agent: FakeAgent) -> None:
    operation = carry_on(request())

    assert operation.state == Operation.State.RUNNING
    hear_from(1)
    assert carry_on(operation).state == Operation.State.SUCCEEDED


def test_creation_goes_on_where_the_vpn_is_off_and_says_so(local_agent: FakeAgent) -> None:
    reason = "The VPN is off: the agent does not run as root."
    local_agent.machine.vpn_state, local_agent.machine.vpn_reason = "off", reason
    operation = carry_on(request())
    hear_from(1)

    carry_on(operation)

    assert operation.state == Operation.State.SUCCEEDED
    assert operation.steps.get(name="connect").detail == reason


def test_creation_whose_vpn_fails_leaves_the_machine_as_it_was(
    local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.workflows.create.VPN_PATIENCE", NO_PATIENCE)
    local_agent.machine.vpn_state, local_agent.machine.vpn_reason = "failed", "no wireguard-go"

    operation = carry_on(request())

    assert (operation.state, operation.error_code) == ("failed", "vpn_not_up")
    assert "no wireguard-go" in operation.error_detail
    assert not Cluster.objects.exists()
    assert not Node.objects.exists()
    assert not SignedState.objects.exists()
    assert local_agent.status()["role"] == "uninitialised"
    assert local_agent.status()["reason"] == operation.error_detail


def test_creation_that_failed_can_be_asked_for_again(
    local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("cluster.workflows.create.VPN_PATIENCE", NO_PATIENCE)
        local_agent.machine.vpn_state = "failed"
        carry_on(request())
    local_agent.machine.vpn_state = "up"

    assert create_cluster().label == "Fleet"


def test_second_creation_is_refused_while_one_runs(local_agent: FakeAgent) -> None:
    request()

    with pytest.raises(OperationInProgress):
        request()


def test_member_of_a_cluster_creates_no_other(local_agent: FakeAgent) -> None:
    create_cluster()

    with pytest.raises(ClusterAlreadySet) as caught:
        request()

    assert caught.value.code == "cluster_network_already_set"


def test_creation_of_the_cluster_that_exists_destroys_nothing(local_agent: FakeAgent) -> None:
    create_cluster()
    parameters = Operation.objects.get().parameters

    again = carry_on(open_operation(Operation.Kind.CREATE, actor=ADMIN, parameters=parameters))

    assert (again.state, again.error_code) == ("failed", "cluster_network_already_set")
    assert Node.objects.get().role == Node.Role.LEADER
    assert local_agent.status()["role"] == "leader"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"vpn_network": "8.8.8.0/24"}, NotAPrivateNetwork),
        ({"vpn_network": "10.5.4.0/30", "max_nodes": 3}, VpnNetworkTooSmall),
        ({"vpn_network": "10.5.4.0/30"}, VpnNetworkTooSmall),
        ({"endpoint": "node1.example.org:0"}, EndpointInvalid),
        ({"endpoint": "node1.example.org:70000"}, EndpointInvalid),
        ({"endpoint": "$(id):55820"}, EndpointInvalid),
    ],
    ids=str,
)
def test_bad_value_is_a_field_error_and_nothing_is_stored(
    changes: dict[str, object], error: type[Exception], local_agent: FakeAgent
) -> None:
    with pytest.raises(error):
        request(**changes)

    assert not Operation.objects.exists()
    assert not AuditEvent.objects.exists()


def test_network_that_the_machine_has_already_is_refused(local_agent: FakeAgent) -> None:
    local_agent.machine.own_networks = ["10.5.0.0/16"]

    with pytest.raises(VpnNetworkOverlaps):
        request()


def test_creation_without_the_agent_is_refused_at_once(local_agent: FakeAgent) -> None:
    local_agent.available = False

    with pytest.raises(AgentUnavailable):
        request()


def test_creation_is_in_the_audit_trail_from_the_wish_to_the_end(local_agent: FakeAgent) -> None:
    """S44."""
    create_cluster()

    events = AuditEvent.objects.order_by("id").values_list("user", "action", "outcome")
    assert list(events) == [
        ("alice", "cluster.creation.requested", "ok"),
        ("alice", "cluster.created", "ok"),
    ]


def test_generation_is_signed_once(local_agent: FakeAgent) -> None:
    create_cluster()

    assert state.publish() == state.publish()
    assert SignedState.objects.count() == 1
