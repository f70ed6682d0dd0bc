"""A cluster of four on real WireGuard (S1, S4, S5, S6, S7)."""

from typing import Any

import pytest

from tests.lab import membership, wireguard
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab


def listed(lab: Lab) -> list[dict[str, Any]]:
    """The first four nodes of the leader's list, in their order."""
    found = sorted(membership.nodes(lab.hosts[0]), key=lambda node: int(node["id"]))
    return found[:4]


def vpn_address(lab: Lab, host: Host) -> str:
    """A host's address in the VPN, as the list says."""
    return str(next(node["vpn_address"] for node in listed(lab) if node["fqdn"] == host.fqdn))


@pytest.mark.parametrize("worker", ["node2", "node3", "node4"])
def test_each_worker_has_a_handshake_with_the_leader(lab: Lab, worker: str) -> None:
    """S6: the worker is a member over a VPN that stands."""
    hub = wireguard.show(lab.hosts[0])
    mine = wireguard.show(lab.host(worker))
    assert hub is not None
    assert mine is not None
    peer = mine.peer(hub.key)
    assert peer is not None
    assert peer.is_fresh
    assert peer.endpoint == "192.0.2.1:55820"


def test_workers_reach_each_other_through_the_hub(lab: Lab) -> None:
    target, hub = (vpn_address(lab, host) for host in (lab.host("node3"), lab.hosts[0]))
    assert wireguard.reaches(lab.host("node2"), target)
    eventually(  # the kernel says so once a second at most
        lambda: f"From {hub} " in wireguard.first_hop(lab.host("node2"), target), within=5
    )


def test_the_list_shows_four_nodes_online(lab: Lab) -> None:
    """S1, S7: nothing was done by hand but install, code and join."""
    shown = [(node["id"], node["fqdn"], node["status"]) for node in listed(lab)]
    assert shown == [(number, f"node{number}.lab.test", "online") for number in (1, 2, 3, 4)]


def test_the_list_shows_exactly_one_leader(lab: Lab) -> None:
    """S1."""
    assert [node["role"] for node in listed(lab)] == ["leader", "worker", "worker", "worker"]


def test_hosts_know_their_own_number(lab: Lab) -> None:
    assert [host.node_id for host in lab.hosts[:4]] == [1, 2, 3, 4]


def test_a_fifth_node_is_refused_until_there_is_room(lab: Lab) -> None:
    """S4: refused before anything is allocated; the same code joins when the limit is raised."""
    leader, fifth = lab.hosts[0], lab.host("node5")
    code = membership.join_code(leader)
    before = leader.api("GET", "nodes/").body
    refused = membership.outcome(fifth, membership.ask_to_join(fifth, code=code))
    assert refused["error"]["code"] == "cluster_is_full"
    assert leader.api("GET", "nodes/").body["results"].__len__() == len(before["results"])
    hub = wireguard.show(leader)
    assert hub is not None
    assert len(hub.peers) == 3
    assert fifth.role == "uninitialised"
    assert fifth.node_id is None
    assert wireguard.show(fifth) is None

    expect(leader.api("PATCH", "cluster/", {"max_nodes": 5}), 200)
    membership.succeed(fifth, membership.ask_to_join(fifth, code=code))
    eventually(lambda: membership.status_of(leader, fifth) == "online", within=10)
    assert fifth.node_id == 5
