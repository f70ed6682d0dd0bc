"""Pinging a peer by its keepalive: what is sent, what is counted, and when it ends."""

import base64
from dataclasses import asdict
from typing import Any

import pytest

from nodes.agent.membership import Membership
from nodes.agent.vpn.enforcer import WireGuardKey
from nodes.agent.vpn.ping import Echo, Pinger
from nodes.agent.vpn.reconciler import Reconciler
from tests.nodes.agent.documents import make_document, make_node
from tests.nodes.agent.fakes import FakeInterface
from tests.nodes.agent.members import entry

THREE = base64.b64encode(b"3" * 32).decode()


class AnsweringInterface(FakeInterface):
    """Peers in ``answering`` send something after each packet; ``sent`` is what pings did."""

    def __init__(self, *, public_key: str) -> None:
        super().__init__(public_key=public_key)
        self.answering: set[str] = set()
        self.sent: list[list[str]] = []

    def configure(self, changes: list[str]) -> None:
        super().configure(changes)
        self.sent.append(changes)
        for key in self.answering & set(self.actual.peers):
            self._set(key, received=self.actual.peers[key].received + 32)


class Hub:
    """Node 1 with its VPN up, and nodes 2 and 3 as peers."""

    def __init__(self, leader: Membership, worker: Membership) -> None:
        self.leader = leader
        self.now = 0.0
        self.two, self.three = worker.keys.wireguard_public, THREE
        keys = asdict(worker.keys.public) | {"wireguard_key": THREE, "identity_key": "A" * 43}
        self.nodes = [entry(leader, 1), entry(worker, 2), make_node(3, keys)]
        leader.lead(make_document(self.nodes[0]))
        leader.sign(make_document(*self.nodes, generation=2))
        self.interface = AnsweringInterface(public_key=leader.keys.wireguard_public)
        self.reconciler = Reconciler(
            self.interface,
            key=lambda: WireGuardKey(leader.keys.wireguard_public, "/key"),
            holding=lambda: leader.holding,
            listen_port=55820,
            on_answer=lambda: None,
        )
        self.reconciler.run_once()
        self.interface.answering = {self.two, self.three}
        self.interface.sent.clear()

    def ping(self, wanted: Any, *, is_quiet: bool = False) -> dict[int, Echo]:
        pinger = Pinger(self.reconciler, monotonic=lambda: self.now, sleep=self._sleep)
        return pinger.ping(wanted, is_quiet=is_quiet)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def words(self) -> list[str]:
        return [word for change in self.interface.sent for word in change]


@pytest.fixture
def hub(leader: Membership, worker: Membership) -> Hub:
    return Hub(leader, worker)


def test_peer_that_answers_is_heard(hub: Hub) -> None:
    assert hub.ping({2: []}) == {2: Echo(heard=True, unasked=False, endpoint="192.0.2.2:55820")}


def test_silent_peer_is_not_heard(hub: Hub) -> None:
    hub.interface.answering = {hub.two}

    echoes = hub.ping({2: [], 3: []})

    assert {number: echo.heard for number, echo in echoes.items()} == {2: True, 3: False}


def test_keepalive_goes_off_and_on_in_one_call(hub: Hub) -> None:
    """Nobody sees it off, so nothing has to be put right."""
    hub.ping({2: []})

    off, on = ["persistent-keepalive", "0"], ["persistent-keepalive", "5"]
    assert hub.interface.sent[0] == ["peer", hub.two, *off, "peer", hub.two, *on]
    assert not hub.reconciler.differs()


def test_silent_peer_is_pinged_for_longer(hub: Hub) -> None:
    hub.ping({2: []})
    usual = len(hub.interface.sent)
    hub.interface.sent.clear()
    hub.interface.answering = set()

    hub.ping({2: []})

    assert len(hub.interface.sent) > usual >= 2


def test_packets_go_to_the_endpoint_that_shall_be_proved(hub: Hub) -> None:
    """A wrong endpoint does not pass because the peer is heard from another one."""
    hub.ping({2: ["192.0.2.2:51820", "198.51.100.2:51820"]})

    assert hub.interface.sent[0][:4] == ["peer", hub.two, "endpoint", "192.0.2.2:51820"]


def test_quiet_end_sends_one_packet_and_then_listens(hub: Hub) -> None:
    """So that who is heard meanwhile has found the way by itself."""
    hub.interface.answering = set()

    hub.ping({2: []}, is_quiet=True)

    first, second, *_ = hub.interface.sent
    assert first[-1] == "0"
    assert first.count("persistent-keepalive") == 3
    assert second[-1] == "5"
    assert hub.interface.actual.peers[hub.two].keepalive == 5


def test_peer_that_is_heard_by_a_quiet_end_came_unasked(hub: Hub) -> None:
    [echo] = hub.ping({2: []}, is_quiet=True).values()

    assert (echo.heard, echo.unasked) == (True, True)


def test_endpoint_that_is_right_is_left_alone(hub: Hub) -> None:
    hub.ping({2: ["192.0.2.9:55820", "192.0.2.2:55820"]})

    assert "endpoint" not in hub.words


def test_packet_that_comes_while_the_endpoint_is_set_came_from_elsewhere(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ends ping at the same pace: packets may meet the setting again and again."""
    interface, configure = hub.interface, hub.interface.configure
    interface.answering = set()

    def hear() -> None:
        received = interface.actual.peers[hub.two].received + 32
        interface._set(hub.two, received=received, endpoint="192.0.2.2:55820")

    def configure_and_hear(changes: list[str]) -> None:
        steps = [lambda: configure(changes), hear]
        for step in reversed(steps) if interface.sent else steps:
            step()

    monkeypatch.setattr(interface, "configure", configure_and_hear)

    [echo] = hub.ping({2: ["192.0.2.2:51820"]}).values()

    assert (echo.heard, echo.endpoint) == (True, "192.0.2.2:55820")


def test_others_and_their_traffic_are_left_alone(hub: Hub) -> None:
    hub.ping({2: []})

    assert not {hub.three, "allowed-ips", "remove"} & set(hub.words)


@pytest.mark.parametrize("wanted", [{9: []}, {}], ids=["no peer", "nobody"])
def test_without_a_peer_nothing_is_sent(wanted: Any, hub: Hub) -> None:
    assert hub.ping(wanted) == {}
    assert hub.interface.sent == []


def test_peer_that_the_interface_lacks_is_not_added(hub: Hub) -> None:
    """S20: a key that was taken away is not brought back by a ping."""
    hub.interface.configure(["peer", hub.two, "remove"])
    hub.interface.sent.clear()

    assert hub.ping({2: []}) == {}
    assert hub.two not in hub.interface.actual.peers


def test_peer_that_the_state_lacks_is_not_pinged(hub: Hub) -> None:
    hub.leader.sign(make_document(*hub.nodes[:2], generation=3))
    hub.reconciler.run_once()

    assert hub.ping({3: []}) == {}


def test_vpn_that_is_down_is_not_pinged(hub: Hub) -> None:
    hub.interface.impossible = "this is a test"
    hub.reconciler.run_once()
    hub.interface.sent.clear()

    assert hub.ping({2: []}) == {}
    assert hub.interface.sent == []
