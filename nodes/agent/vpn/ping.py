"""A live look at the VPN without a route: WireGuard's own keepalives, sent when we want (S37).

Turning a peer's persistent keepalive on sends one at once, and begins a handshake where there is no
session. Both ends do it for a while, and each counts what arrives: only what that very peer has
encrypted is counted. No allowed address, no session and no traffic is touched.

WireGuard sends to wherever a peer was heard from last. So that a wrong public endpoint shows, the
end that has it is quiet for a while: who is heard then has found it by that endpoint.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nodes.agent.machine import VpnStatus
from nodes.agent.vpn.dump import Actual, ActualPeer
from nodes.agent.vpn.plan import KEEPALIVE, Plan
from nodes.agent.vpn.port import InterfacePort

SECONDS = 2.4
"""How long to ping: longer than two nodes' questions may arrive apart."""
LONGER_SECONDS = 2.8
"""How long where a peer is not heard."""
PAUSE = 0.4
QUIET_SECONDS = 1.2
"""How long a quiet end says nothing after its first packet."""

Wanted = Mapping[int, Sequence[str]]
"""Whom to ping, by node id, and the endpoints (address and port) of which one shall be proved: each
packet goes to one of them, wherever the peer was heard from before. None: wherever it is heard.
"""
OFF = ("persistent-keepalive", "0")
ON = ("persistent-keepalive", str(KEEPALIVE))


@dataclass(frozen=True, slots=True)
class Echo:
    """What was heard of one peer; ``endpoint`` is where its packets come from.

    ``unasked``: it was heard while this end was quiet, so it found the way here by itself.
    """

    heard: bool
    unasked: bool
    endpoint: str


class Tunnel(Protocol):
    """The reconciler, as far as pinging goes."""

    def status(self) -> VpnStatus: ...

    def use(self, look: Callable[[InterfacePort, Plan], Actual]) -> Actual | None:
        """Run ``look`` between two passes; None while the VPN is not up."""
        ...


@dataclass(slots=True)
class _Record:
    """One peer over all rounds."""

    received: int
    endpoint: str
    heard: bool = False
    unasked: bool = False

    def note(self, now: ActualPeer, *, is_quiet: bool, was_moved: bool) -> None:
        """A packet that came since the last round has set the peer's endpoint.

        Unless this end has moved it in that round: the packet may have come right before.
        """
        if now.received > self.received:
            if not (self.heard and was_moved):
                self.endpoint = now.endpoint
            self.received, self.heard = now.received, True
            self.unasked = self.unasked or is_quiet


class Pinger:
    """Pings peers by their node ids."""

    def __init__(
        self,
        tunnel: Tunnel,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tunnel = tunnel
        self._monotonic = monotonic
        self._sleep = sleep

    def status(self) -> VpnStatus:
        return self._tunnel.status()

    def ping(self, wanted: Wanted, *, is_quiet: bool = False) -> dict[int, Echo]:
        """What was heard of each, without those that are no peers; raises CommandFailed."""
        began = self._monotonic()
        last = self._round(wanted, OFF, ON, OFF) if is_quiet else self._round(wanted, OFF, ON)
        records = {each: _Record(peer.received, peer.endpoint) for each, peer in last.items()}
        moved = _moved(last, wanted)
        while records and not _is_over(self._monotonic() - began, records):
            self._sleep(PAUSE)
            is_quiet = is_quiet and self._monotonic() - began < QUIET_SECONDS
            last = self._round(wanted) if is_quiet else self._round(wanted, OFF, ON)
            for each in last.keys() & records.keys():
                records[each].note(last[each], is_quiet=is_quiet, was_moved=each in moved)
            moved = set() if is_quiet else _moved(last, wanted)
        return {
            node_id: Echo(record.heard, record.unasked, record.endpoint)
            for node_id, record in records.items()
        }

    def _round(self, wanted: Wanted, *settings: tuple[str, str]) -> dict[int, ActualPeer]:
        """Note what has arrived, then set the peers so: off and on again sends a packet."""
        found: dict[int, ActualPeer] = {}

        def look(interface: InterfacePort, plan: Plan) -> Actual:
            actual = interface.dump()
            for peer in plan.peers:
                if peer.node_id in wanted and peer.public_key in actual.peers:
                    found[peer.node_id] = actual.peers[peer.public_key]
            changes = [_change(peer, wanted[node_id], settings) for node_id, peer in found.items()]
            if found and settings:
                interface.configure([word for change in changes for word in change])
            return actual

        self._tunnel.use(look)
        return found


def _change(
    peer: ActualPeer, endpoints: Sequence[str], settings: Sequence[tuple[str, str]]
) -> list[str]:
    """All in one call, so that nobody sees the steps between."""
    is_moved = _is_elsewhere(peer, endpoints)
    endpoint = ["peer", peer.public_key, "endpoint", endpoints[0]] if is_moved else []
    steps = [["peer", peer.public_key, *setting] for setting in settings]
    return [*endpoint, *(word for step in steps for word in step)]


def _moved(found: Mapping[int, ActualPeer], wanted: Wanted) -> set[int]:
    """Those whose endpoint a round with settings has set."""
    return {each for each, peer in found.items() if _is_elsewhere(peer, wanted[each])}


def _is_elsewhere(peer: ActualPeer, endpoints: Sequence[str]) -> bool:
    return bool(endpoints) and peer.endpoint not in endpoints


def _is_over(seconds: float, records: Mapping[int, _Record]) -> bool:
    all_heard = all(record.heard for record in records.values())
    return seconds >= (SECONDS if all_heard else LONGER_SECONDS)
