"""The agent's surroundings in memory: a WireGuard interface that does what it is told, and what
runs on the machine.
"""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network
from typing import Any

from nodes.agent.sync.report import Inventoried
from nodes.agent.vpn.dump import Actual, ActualPeer
from nodes.agent.vpn.glance import Glance
from nodes.agent.vpn.port import NotPossible
from nodes.agent.vpn.system import CommandFailed

NEW_PEER = ActualPeer(
    public_key="",
    endpoint="",
    allowed=frozenset(),
    last_handshake=0,
    received=0,
    sent=0,
    keepalive=0,
)
NEW = Actual(public_key="", listen_port=0, peers={})


class FakeInterface:
    """One interface; ``impossible``, ``mute`` and ``broken`` are what a machine may refuse."""

    def __init__(self, *, public_key: str = "") -> None:
        self.name = "wg0"
        self.impossible = ""
        self.mute = False
        self.broken = ""
        self.carried_by_us = False
        self.seen: Glance | None = None
        self.actual = NEW
        self.changes: list[list[str]] = []
        self.created = 0
        self._public_key = public_key
        """What the private key's file stands for."""

    def check_possible(self) -> None:
        if self.impossible:
            raise NotPossible(self.impossible)

    def glance(self) -> Glance | None:
        return self.seen

    def dump(self) -> Actual:
        if self.mute or self.seen is None:
            raise CommandFailed("wg show wg0: unable to access interface")
        return self.actual

    def create(self) -> None:
        if self.broken:
            raise CommandFailed(self.broken)
        self.created += 1
        self.mute = False
        self.actual = NEW
        self.seen = Glance(
            index=self.created, is_up=False, address=None, networks=frozenset(), forwards=False
        )

    def configure(self, changes: list[str]) -> None:
        self.changes.append(changes)
        words, key = list(changes), ""
        while words:
            word = words.pop(0)
            if word == "remove":
                self._forget(key)
            elif word == "peer":
                key = words.pop(0)
                self._set(key)
            else:
                self._apply(word, words.pop(0), key)

    def ensure_address(self, address: IPv4Interface) -> None:
        assert self.seen is not None
        networks: frozenset[IPv4Network] = frozenset({address.network})
        self.seen = replace(self.seen, is_up=True, address=address, networks=networks)

    def ensure_forwarding(self, *, enabled: bool) -> None:
        assert self.seen is not None
        self.seen = replace(self.seen, forwards=enabled)

    def remove(self) -> None:
        self.seen, self.actual = None, NEW

    def is_carried_by_us(self) -> bool:
        return self.carried_by_us

    def hear(self, key: str, *, at: int, received: int = 1) -> None:
        """A peer shakes hands."""
        self._set(key, last_handshake=at, received=received, endpoint="198.51.100.9:4444")

    def _apply(self, word: str, value: str, key: str) -> None:
        match word:
            case "private-key":
                self.actual = replace(self.actual, public_key=self._public_key)
            case "listen-port":
                self.actual = replace(self.actual, listen_port=int(value))
            case "endpoint":
                self._set(key, endpoint=value)
            case "persistent-keepalive":
                self._set(key, keepalive=int(value))
            case "allowed-ips":
                self._move(frozenset(value.split(",")) - {""}, key)

    def _move(self, allowed: frozenset[str], key: str) -> None:
        """An address belongs to one peer: WireGuard takes it from whichever had it."""
        for other, peer in self.actual.peers.items():
            self._set(other, allowed=peer.allowed - allowed)
        self._set(key, allowed=allowed)

    def _forget(self, key: str) -> None:
        peers = {other: peer for other, peer in self.actual.peers.items() if other != key}
        self.actual = replace(self.actual, peers=peers)

    def _set(self, key: str, **values: Any) -> None:
        peer = self.actual.peers.get(key, replace(NEW_PEER, public_key=key))
        peers = {**self.actual.peers, key: replace(peer, **values)}
        self.actual = replace(self.actual, peers=peers)


class FakeInventory:
    """What runs on a node: nobody has looked yet."""

    def __init__(self) -> None:
        self.digest = ""
        self.applications: Sequence[dict[str, Any]] = ()

    def sample(self) -> Inventoried:
        return Inventoried(self.digest, self.applications)
