"""The VPN when leadership moves: one swap of allowed addresses, and nothing for who is out."""

from typing import Any

import pytest

from nodes.agent.history import Successor
from nodes.agent.membership import Membership
from nodes.agent.vpn.enforcer import WireGuardKey
from nodes.agent.vpn.reconciler import Reconciler
from tests.nodes.agent.fakes import FakeInterface
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember

SUCCESSOR = Successor(id=2, fqdn="node2.example.org", console_url="https://192.0.2.2:8443", term=2)


class Vpn:
    """One node's VPN in memory."""

    def __init__(self, member: Membership) -> None:
        public = member.keys.wireguard_public
        self.interface = FakeInterface(public_key=public)
        self.reconciler = Reconciler(
            self.interface,
            key=lambda: WireGuardKey(public, "/key"),
            holding=lambda: member.holding,
            listen_port=55820,
            on_answer=lambda: None,
        )
        self.reconciler.run_once()
        self.interface.changes.clear()

    def run(self) -> list[list[str]]:
        """One pass; gives the calls of ``wg set`` that it took."""
        self.reconciler.run_once()
        return self.interface.changes

    @property
    def forwards(self) -> bool:
        return self.interface.seen is not None and self.interface.seen.forwards


class Keys:
    """Peers by node id, as a test can read them."""

    def __init__(self, fleet: Fleet) -> None:
        self.names = {one.keys.wireguard_public: number for number, one in fleet.members.items()}

    def read(self, changes: list[str]) -> list[Any]:
        return [self.names.get(word, word) for word in changes]

    def allowed(self, vpn: Vpn) -> dict[int, list[str]]:
        peers = vpn.interface.actual.peers.values()
        return {self.names[peer.public_key]: sorted(peer.allowed) for peer in peers}


@pytest.fixture
def fleet(make_member: MakeMember) -> Fleet:
    return Fleet(make_member)


@pytest.fixture
def keys(fleet: Fleet) -> Keys:
    return Keys(fleet)


def test_hub_becomes_a_spoke_by_one_swap(fleet: Fleet, keys: Keys) -> None:
    vpn = Vpn(fleet[1])
    fleet[1].receive(fleet.hand_over(2))
    [changes] = vpn.run()
    assert keys.read(changes) == [
        *("peer", 2, "allowed-ips", "10.5.4.0/24"),
        *("peer", 3, "allowed-ips", ""),
    ]
    assert keys.allowed(vpn) == {2: ["10.5.4.0/24"], 3: []}
    assert not vpn.forwards


def test_spoke_becomes_the_hub_by_one_swap(fleet: Fleet, keys: Keys) -> None:
    vpn = Vpn(fleet[2])
    fleet.hand_over(2)
    [changes] = vpn.run()
    assert keys.read(changes) == [
        *("peer", 1, "allowed-ips", "10.5.4.1/32"),
        *("peer", 3, "allowed-ips", "10.5.4.3/32"),
    ]
    assert keys.allowed(vpn) == {1: ["10.5.4.1/32"], 3: ["10.5.4.3/32"]}
    assert vpn.forwards


@pytest.mark.parametrize(("to", "witness"), [(2, 3), (3, 2)])
def test_spoke_changes_its_hub_by_one_swap(fleet: Fleet, keys: Keys, to: int, witness: int) -> None:
    """In both orders of the peers: WireGuard takes an address from whichever peer had it."""
    vpn = Vpn(fleet[witness])
    fleet.tell(fleet.hand_over(to), but=to)
    assert len(vpn.run()) == 1
    assert keys.allowed(vpn) == {1: [], to: ["10.5.4.0/24"]}
    fleet.tell(fleet.hand_over(1, by=to), but=1)
    assert len(vpn.run()) == 2
    assert keys.allowed(vpn) == {1: ["10.5.4.0/24"], to: []}


def test_leader_that_handed_over_stays_the_hub_until_the_next_leads(
    fleet: Fleet, keys: Keys
) -> None:
    vpn = Vpn(fleet[1])
    fleet[1].hand_over(to=2, generation=3)
    assert vpn.run() == []
    assert vpn.forwards


def test_deposed_leader_is_no_hub(fleet: Fleet) -> None:
    vpn = Vpn(fleet[1])
    fleet[1].depose(SUCCESSOR, seen=fleet[1].holding)
    vpn.run()
    assert vpn.interface.seen is None
    assert vpn.reconciler.status()["state"] == "down"


def test_deposed_leader_that_follows_is_no_hub_before_it_has_the_new_state(
    fleet: Fleet, keys: Keys
) -> None:
    fleet[1].depose(SUCCESSOR, seen=fleet[1].holding)
    fleet[1].follow(node_id=2, by="admin")
    vpn = Vpn(fleet[1])
    assert vpn.interface.seen is None
    fleet[1].receive(fleet.force(2))
    vpn.run()
    assert keys.allowed(vpn) == {2: ["10.5.4.0/24"], 3: []}


def test_removed_node_has_no_vpn(fleet: Fleet) -> None:
    """S20"""
    vpn = Vpn(fleet[3])
    key = fleet[3].keys.public.identity_key
    fleet[3].depart(fleet[1].farewell(node_id=3, identity_key=key), handover=None)
    vpn.run()
    assert vpn.interface.seen is None
    assert vpn.reconciler.status()["reason"] == "This node was removed from its cluster."
    assert vpn.reconciler.applied == (0, 0)


def test_nodes_that_may_not_lead_any_more_are_not_kept_warm(fleet: Fleet, keys: Keys) -> None:
    vpn = Vpn(fleet[3])
    fleet.changes |= {2: {"eligible": False}, 3: {"eligible": False}}
    fleet.tell(fleet[1].sign(fleet.document(generation=4)))
    vpn.run()
    assert keys.allowed(vpn) == {1: ["10.5.4.0/24"]}
