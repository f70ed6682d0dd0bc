"""The plan and the difference: pure, so that every case is cheap."""

from dataclasses import replace
from typing import Any

import pytest

from nodes.agent.vpn.changes import interface_changes, peer_changes
from nodes.agent.vpn.dump import Actual, ActualPeer, parse
from nodes.agent.vpn.plan import Plan, PlannedPeer, make_plan
from tests.nodes.agent.planning import KEYS, make_state, plan_for


def allowed(plan: Plan) -> dict[int, list[str]]:
    return {peer.node_id: sorted(peer.allowed) for peer in plan.peers}


def test_hub_has_each_nodes_own_address() -> None:
    plan = plan_for(1)
    assert plan.is_hub
    assert allowed(plan) == {2: ["10.5.4.2/32"], 3: ["10.5.4.3/32"], 4: ["10.5.4.4/32"]}


def test_worker_has_the_network_at_the_hub_and_all_that_may_become_its_hub_warm() -> None:
    plan = plan_for(2, node2={"eligible": False})
    assert not plan.is_hub
    assert allowed(plan) == {1: ["10.5.4.0/24"], 3: []}


def test_node_that_may_become_the_hub_keeps_everybody_warm() -> None:
    """Warm is what both ends keep so: one that is not known there gets no answer."""
    assert allowed(plan_for(2)) == {1: ["10.5.4.0/24"], 3: [], 4: []}


def test_node_that_is_not_eligible_keeps_eligible_peers_warm() -> None:
    assert allowed(plan_for(4)) == {1: ["10.5.4.0/24"], 2: [], 3: []}


def test_hub_moves_by_allowed_addresses_alone() -> None:
    """Make before break: the same peers, with the network at another one."""
    assert allowed(plan_for(2, leader=3)) == {1: [], 3: ["10.5.4.0/24"], 4: []}
    assert allowed(plan_for(3, leader=3)) == {
        1: ["10.5.4.1/32"],
        2: ["10.5.4.2/32"],
        4: ["10.5.4.4/32"],
    }


def test_node_that_is_being_removed_is_no_peer() -> None:
    removing = {"status": "removing"}
    assert allowed(plan_for(1, node3=removing)) == {2: ["10.5.4.2/32"], 4: ["10.5.4.4/32"]}
    assert allowed(plan_for(2, node3=removing)) == {1: ["10.5.4.0/24"], 4: []}


def test_node_that_is_being_removed_has_no_vpn() -> None:
    state = make_state(node3={"status": "removing"})
    assert make_plan(state, node_id=3, listen_port=55820) is None


def test_node_that_the_state_does_not_list_has_no_vpn() -> None:
    assert make_plan(make_state(), node_id=5, listen_port=55820) is None


def test_address_has_the_networks_prefix() -> None:
    assert str(plan_for(2).address) == "10.5.4.2/24"


DUMP = (
    f"PRIVATE\t{KEYS[1]}\t55820\toff\n"
    f"{KEYS[2]}\t(none)\t192.0.2.2:55820\t10.5.4.2/32\t1763800000\t100\t200\t5\n"
    f"{KEYS[3]}\t(none)\t(none)\t(none)\t0\t0\t0\toff\n"
)


def test_dump_is_read() -> None:
    actual = parse(DUMP)
    assert (actual.public_key, actual.listen_port) == (KEYS[1], 55820)
    assert actual.peers[KEYS[2]] == ActualPeer(
        public_key=KEYS[2],
        endpoint="192.0.2.2:55820",
        allowed=frozenset({"10.5.4.2/32"}),
        last_handshake=1763800000,
        received=100,
        sent=200,
        keepalive=5,
    )
    assert actual.peers[KEYS[3]].endpoint == ""
    assert actual.peers[KEYS[3]].allowed == frozenset()
    assert actual.peers[KEYS[3]].keepalive == 0


def test_private_key_of_the_dump_is_dropped() -> None:
    assert "PRIVATE" not in repr(parse(DUMP))


def test_new_interface_has_no_key() -> None:
    assert parse("(none)\t(none)\t0\toff\n") == Actual("", 0, {})


def actual_of(plan: Plan) -> Actual:
    """An interface that matches the plan."""
    peers = {peer.public_key: actual_peer(peer) for peer in plan.peers}
    return Actual(public_key=KEYS[2], listen_port=55820, peers=peers)


def actual_peer(peer: PlannedPeer) -> ActualPeer:
    return ActualPeer(
        public_key=peer.public_key,
        endpoint=peer.endpoint,
        allowed=peer.allowed,
        last_handshake=0,
        received=0,
        sent=0,
        keepalive=5,
    )


def keep(peer: PlannedPeer, now: ActualPeer | None) -> str | None:
    return None if now else peer.endpoint


def test_nothing_is_set_where_nothing_differs() -> None:
    plan = plan_for(2)
    actual = actual_of(plan)
    assert interface_changes(plan, actual, public_key=KEYS[2], key_file="/key") == []
    assert peer_changes(plan, actual, endpoint_for=keep) == []


def test_private_key_is_named_by_its_file() -> None:
    plan = plan_for(2)
    changes = interface_changes(plan, Actual("", 0, {}), public_key=KEYS[2], key_file="/key")
    assert changes == ["private-key", "/key", "listen-port", "55820"]


def test_missing_peer_is_added_whole() -> None:
    plan = plan_for(2, node2={"eligible": False})
    actual = replace(actual_of(plan), peers={KEYS[3]: actual_peer(plan.peers[1])})
    assert peer_changes(plan, actual, endpoint_for=keep) == [
        *("peer", KEYS[1], "endpoint", "192.0.2.1:55820"),
        *("persistent-keepalive", "5", "allowed-ips", "10.5.4.0/24"),
    ]


def test_missing_warm_peer_is_added_without_addresses() -> None:
    plan = plan_for(2, node2={"eligible": False})
    actual = replace(actual_of(plan), peers={KEYS[1]: actual_peer(plan.peers[0])})
    assert peer_changes(plan, actual, endpoint_for=keep) == [
        *("peer", KEYS[3], "endpoint", "192.0.2.3:55820", "persistent-keepalive", "5"),
    ]


def test_peer_without_endpoint_is_added_all_the_same() -> None:
    plan = plan_for(1, node2={"endpoint": ""})
    actual = Actual(KEYS[1], 55820, {peer.public_key: actual_peer(peer) for peer in plan.peers[1:]})
    changes = peer_changes(plan, actual, endpoint_for=lambda peer, now: None)
    assert changes == ["peer", KEYS[2], "persistent-keepalive", "5", "allowed-ips", "10.5.4.2/32"]


def test_moving_the_hub_removes_no_peer() -> None:
    """A removed and re-added peer carries traffic only after many seconds."""
    changes = peer_changes(plan_for(2, leader=3), actual_of(plan_for(2)), endpoint_for=keep)
    assert changes == [
        *("peer", KEYS[1], "allowed-ips", ""),
        *("peer", KEYS[3], "allowed-ips", "10.5.4.0/24"),
    ]


def test_unknown_peer_is_removed() -> None:
    plan = plan_for(2)
    actual = actual_of(plan)
    stranger = replace(actual_peer(plan.peers[0]), public_key=KEYS[5])
    known = replace(actual, peers={**actual.peers, KEYS[5]: stranger})
    assert peer_changes(plan, known, endpoint_for=keep) == ["peer", KEYS[5], "remove"]


@pytest.mark.parametrize(
    ("damage", "repair"),
    [
        ({"keepalive": 0}, ["persistent-keepalive", "5"]),
        ({"allowed": frozenset({"10.9.9.9/32"})}, ["allowed-ips", "10.5.4.0/24"]),
    ],
)
def test_altered_peer_is_repaired(damage: dict[str, Any], repair: list[str]) -> None:
    plan = plan_for(2)
    actual = actual_of(plan)
    damaged = replace(actual.peers[KEYS[1]], **damage)
    altered = replace(actual, peers={**actual.peers, KEYS[1]: damaged})
    assert peer_changes(plan, altered, endpoint_for=keep) == ["peer", KEYS[1], *repair]
