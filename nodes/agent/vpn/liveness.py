"""Which peers are heard: their keepalives make the received bytes grow every few seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from nodes.agent.vpn.dump import Actual, ActualPeer
from nodes.agent.vpn.plan import KEEPALIVE

SESSION_SECONDS = 180
"""WireGuard refuses a session that is older (REJECT_AFTER_TIME)."""
SILENCE = 3 * KEEPALIVE
"""Seconds without a byte after which a peer counts as gone."""


@dataclass(frozen=True, slots=True)
class _Heard:
    received: int
    last_handshake: int
    at: float


class Liveness:
    """Remembers when each peer was last heard."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._heard: dict[str, _Heard] = {}
        self._clock = clock
        self._monotonic = monotonic

    def observe(self, actual: Actual) -> None:
        """Take note of what has grown since the last look."""
        self._heard = {key: self._look(key, peer) for key, peer in actual.peers.items()}

    def is_alive(self, key: str) -> bool:
        """Whether this peer has a session, and was heard lately."""
        heard = self._heard.get(key)
        if heard is None or heard.last_handshake == 0:
            return False
        return self._monotonic() - heard.at < SILENCE

    def _look(self, key: str, peer: ActualPeer) -> _Heard:
        before = self._heard.get(key)
        now = self._monotonic()
        if before is None:
            fresh = self._clock() - peer.last_handshake < SESSION_SECONDS
            return _Heard(peer.received, peer.last_handshake, now if fresh else now - SILENCE)
        grown = peer.received > before.received or peer.last_handshake > before.last_handshake
        return _Heard(peer.received, peer.last_handshake, now if grown else before.at)
