"""A live look at the VPN without a route: WireGuard's own keepalives, sent when we want (S37).

Turning a peer's persistent keepalive on sends one at once, and begins a handshake where there is no
session. Both ends do it for a while, and each counts what arrives: only what that very peer has
encrypted is counted. No allowed address, no session and no traffic is touched.
"""

import threading
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

Wanted = Mapping[int, Sequence[str]]
"""Whom to ping, by node id, and the endpoints (address and port) of which one shall be proved: a
packet goes to one of them, wherever the peer was heard from before. None: wherever it is heard.
"""


@dataclass(frozen=True, slots=True)
class Echo:
    """What was heard of one peer; ``endpoint`` is where its packets come from."""

    heard: bool
    endpoint: str


class Tunnel(Protocol):
    """The reconciler, as far as pinging goes."""

    def status(self) -> VpnStatus: ...

    def use(self, look: Callable[[InterfacePort, Plan], Actual]) -> Actual | None:
        """Run ``look`` between two passes; None while the VPN is not up."""
        ...


class Pinger:
    """Pings peers by their node ids."""

    def __init__(self, tunnel: Tunnel) -> None:
        self._tunnel = tunnel

    def status(self) -> VpnStatus:
        return self._tunnel.status()

    def ping(self, wanted: Wanted) -> dict[int, Echo]:
        """What was heard of each, without those that are no peers; raises CommandFailed."""
        began = time.monotonic()
        first = last = self._round(wanted)
        while first and not _is_over(time.monotonic() - began, first, last):
            threading.Event().wait(PAUSE)
            last = self._round(wanted)
        return {node_id: _echo(first.get(node_id), peer) for node_id, peer in last.items()}

    def _round(self, wanted: Wanted) -> dict[int, ActualPeer]:
        """Note what has arrived, then send again."""
        found: dict[int, ActualPeer] = {}

        def look(interface: InterfacePort, plan: Plan) -> Actual:
            actual = interface.dump()
            peers = [peer for peer in plan.peers if peer.node_id in wanted]
            present = [peer for peer in peers if peer.public_key in actual.peers]
            found.update({peer.node_id: actual.peers[peer.public_key] for peer in present})
            changes = [_keepalive(found[peer.node_id], wanted[peer.node_id]) for peer in present]
            if changes:
                interface.configure([word for change in changes for word in change])
            return actual

        self._tunnel.use(look)
        return found


def _keepalive(peer: ActualPeer, endpoints: Sequence[str]) -> list[str]:
    """Off and on in one call, so that it is never seen off."""
    is_elsewhere = bool(endpoints) and peer.endpoint not in endpoints
    endpoint = ["endpoint", endpoints[0]] if is_elsewhere else []
    off = ["peer", peer.public_key, *endpoint, "persistent-keepalive", "0"]
    return [*off, "peer", peer.public_key, "persistent-keepalive", str(KEEPALIVE)]


def _is_over(
    seconds: float, first: Mapping[int, ActualPeer], last: Mapping[int, ActualPeer]
) -> bool:
    all_heard = all(_echo(first.get(node_id), peer).heard for node_id, peer in last.items())
    return seconds >= (SECONDS if all_heard else LONGER_SECONDS)


def _echo(before: ActualPeer | None, now: ActualPeer) -> Echo:
    heard = before is not None and now.received > before.received
    return Echo(heard=heard, endpoint=now.endpoint)
