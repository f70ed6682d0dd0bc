"""The reconciler, on an interface in memory: whatever differs is set right, and nothing else is
touched.
"""

from dataclasses import replace
from typing import Any

import pytest

from nodes.agent.membership import Membership
from nodes.agent.vpn.enforcer import WireGuardKey
from nodes.agent.vpn.reconciler import Reconciler
from tests.nodes.agent.documents import make_document
from tests.nodes.agent.fakes import FakeInterface
from tests.nodes.agent.members import entry, found, joined, pin


def make(member: Membership, **options: str) -> tuple[Reconciler, FakeInterface]:
    public = member.keys.wireguard_public
    interface = FakeInterface(public_key=options.get("key_file_of", public))
    reconciler = Reconciler(
        interface,
        key=lambda: WireGuardKey(public, "/key"),
        holding=lambda: member.holding,
        listen_port=55820,
        on_answer=lambda: None,
    )
    return reconciler, interface


@pytest.fixture
def hub(leader: Membership, worker: Membership) -> tuple[Reconciler, FakeInterface]:
    """Node 1, with the VPN up at generation 2."""
    found(leader, worker)
    reconciler, interface = make(leader)
    reconciler.run_once()
    return reconciler, interface


@pytest.fixture
def spoke(leader: Membership, worker: Membership) -> tuple[Reconciler, FakeInterface]:
    """Node 2, with the VPN up at generation 3."""
    joined(leader, worker)
    reconciler, interface = make(worker)
    reconciler.run_once()
    return reconciler, interface


def test_state_is_applied(hub: tuple[Reconciler, FakeInterface], worker: Membership) -> None:
    reconciler, interface = hub
    peer = interface.actual.peers[worker.keys.wireguard_public]
    assert peer.allowed == frozenset({"10.5.4.2/32"})
    assert peer.endpoint == "192.0.2.2:55820"
    assert reconciler.applied == (1, 2)
    assert reconciler.status()["state"] == "up"


def test_hub_forwards_and_worker_does_not(
    hub: tuple[Reconciler, FakeInterface], spoke: tuple[Reconciler, FakeInterface]
) -> None:
    forwards = [side[1].seen.forwards for side in (hub, spoke) if side[1].seen]
    assert forwards == [True, False]


def test_second_pass_changes_nothing(hub: tuple[Reconciler, FakeInterface]) -> None:
    reconciler, interface = hub
    assert not reconciler.differs()
    interface.changes.clear()
    reconciler.run_once()
    assert interface.changes == []
    assert interface.created == 1


def test_new_generation_differs_until_it_is_applied(
    hub: tuple[Reconciler, FakeInterface], leader: Membership
) -> None:
    reconciler, interface = hub
    leader.sign(make_document(entry(leader, 1), generation=3))
    assert reconciler.differs()
    reconciler.run_once()
    assert interface.actual.peers == {}
    assert reconciler.applied == (1, 3)


def test_vanished_interface_is_made_again(hub: tuple[Reconciler, FakeInterface]) -> None:
    reconciler, interface = hub
    peers = interface.actual.peers
    interface.remove()
    assert reconciler.differs()
    reconciler.run_once()
    assert interface.actual.peers == peers
    assert not reconciler.differs()


@pytest.mark.parametrize(
    "damage",
    [{"is_up": False}, {"address": None}, {"networks": frozenset()}, {"forwards": False}],
    ids=str,
)
def test_damage_is_seen_and_repaired(
    hub: tuple[Reconciler, FakeInterface], damage: dict[str, Any]
) -> None:
    reconciler, interface = hub
    assert interface.seen is not None
    whole = interface.seen
    interface.seen = replace(whole, **damage)
    assert reconciler.differs()
    reconciler.run_once()
    assert interface.seen == whole


def test_mute_interface_of_our_own_is_replaced(hub: tuple[Reconciler, FakeInterface]) -> None:
    reconciler, interface = hub
    interface.mute = interface.carried_by_us = True
    reconciler.run_once()
    assert interface.created == 2
    assert reconciler.status()["state"] == "up"


def test_mute_interface_of_something_else_is_left_alone(
    hub: tuple[Reconciler, FakeInterface],
) -> None:
    reconciler, interface = hub
    interface.mute = True
    reconciler.run_once()
    assert interface.created == 1
    assert reconciler.status()["state"] == "failed"
    assert "belongs to something else" in str(reconciler.status()["reason"])


def test_interface_with_another_key_is_left_alone(
    hub: tuple[Reconciler, FakeInterface],
) -> None:
    reconciler, interface = hub
    interface.changes.clear()
    interface.actual = replace(interface.actual, public_key="another")
    reconciler.run_once()
    assert interface.changes == []
    assert reconciler.status()["state"] == "failed"


def test_failure_is_tried_again_and_not_called_applied(
    leader: Membership, worker: Membership
) -> None:
    found(leader, worker)
    reconciler, interface = make(leader)
    interface.broken = "ip link add: no memory"
    reconciler.run_once()
    assert reconciler.status()["state"] == "failed"
    assert "no memory" in str(reconciler.status()["reason"])
    assert reconciler.applied == (0, 0)
    assert reconciler.differs()
    interface.broken = ""
    reconciler.run_once()
    assert reconciler.applied == (1, 2)


def test_machine_that_cannot_has_the_vpn_off_and_all_else_works(
    leader: Membership, worker: Membership
) -> None:
    found(leader, worker)
    reconciler, interface = make(leader)
    interface.impossible = "the agent does not run as root"
    reconciler.run_once()
    assert reconciler.status()["state"] == "off"
    assert reconciler.status()["reason"] == "The VPN is off: the agent does not run as root."
    assert reconciler.applied == (1, 2)
    assert interface.created == 0


def test_uninitialised_node_has_no_interface(leader: Membership) -> None:
    reconciler, interface = make(leader)
    reconciler.run_once()
    assert reconciler.status()["state"] == "down"
    assert interface.created == 0


def test_leaving_removes_the_interface(
    hub: tuple[Reconciler, FakeInterface], leader: Membership
) -> None:
    reconciler, interface = hub
    leader.leave(reason=None, force=True)
    reconciler.run_once()
    assert interface.seen is None
    assert reconciler.status()["peers"] == []
    assert reconciler.applied == (0, 0)


def test_leaving_does_not_remove_what_is_not_ours(
    hub: tuple[Reconciler, FakeInterface], leader: Membership
) -> None:
    reconciler, interface = hub
    interface.actual = replace(interface.actual, public_key="another")
    leader.leave(reason=None, force=True)
    reconciler.run_once()
    assert interface.seen is not None


def test_state_without_this_node_takes_the_vpn_down(
    spoke: tuple[Reconciler, FakeInterface], leader: Membership, worker: Membership
) -> None:
    reconciler, interface = spoke
    worker.receive(leader.sign(make_document(entry(leader, 1), generation=4)))
    reconciler.run_once()
    assert interface.seen is None
    assert reconciler.applied == (1, 4)


def test_lost_state_leaves_the_vpn_as_it_is(
    spoke: tuple[Reconciler, FakeInterface], worker: Membership
) -> None:
    reconciler, interface = spoke
    worker._store.holding = replace(worker.holding, jws="", state=None)
    reconciler.run_once()
    assert interface.seen is not None


def test_worker_settles_until_the_hub_is_heard(
    spoke: tuple[Reconciler, FakeInterface], leader: Membership
) -> None:
    reconciler, interface = spoke
    assert reconciler.is_settling()
    assert not reconciler.hub_is_alive()
    interface.hear(leader.keys.wireguard_public, at=2**31)
    reconciler.run_once()
    assert reconciler.hub_is_alive()
    assert not reconciler.is_settling()


def test_hub_has_no_hub_to_settle_with(hub: tuple[Reconciler, FakeInterface]) -> None:
    assert not hub[0].is_settling()
    assert not hub[0].hub_is_alive()


def test_status_names_peers_by_node(
    spoke: tuple[Reconciler, FakeInterface], leader: Membership
) -> None:
    reconciler, interface = spoke
    interface.hear(leader.keys.wireguard_public, at=2**31, received=148)
    reconciler.run_once()
    assert reconciler.status()["peers"] == [
        {
            "node_id": 1,
            "endpoint": "198.51.100.9:4444",
            "last_handshake": 2**31,
            "received": 148,
            "sent": 0,
        }
    ]


def test_joining_node_has_its_vpn_before_it_is_admitted(
    leader: Membership, worker: Membership
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    reconciler, interface = make(worker)
    reconciler.run_once()
    assert leader.keys.wireguard_public in interface.actual.peers


def test_waiting_ends_at_once_for_what_is_applied(
    hub: tuple[Reconciler, FakeInterface], leader: Membership
) -> None:
    hub[0].wait_applied(leader.holding, seconds=60)
