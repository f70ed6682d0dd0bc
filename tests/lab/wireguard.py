"""What a host's WireGuard really does, read from ``wg show``."""

import time
from dataclasses import dataclass

from tests.lab.machine import Machine

FRESH = 180
"""Seconds after which WireGuard itself would shake hands again."""


@dataclass(frozen=True)
class Peer:
    """A line of ``wg show wg0 dump``."""

    key: str
    endpoint: str
    allowed_ips: tuple[str, ...]
    last_handshake: int

    @property
    def is_fresh(self) -> bool:
        """Whether the tunnel to this peer stands."""
        return time.time() - self.last_handshake < FRESH


@dataclass(frozen=True)
class Interface:
    """A host's WireGuard interface."""

    key: str
    port: int
    peers: tuple[Peer, ...]

    def peer(self, key: str) -> Peer | None:
        """The peer with that public key."""
        return next((peer for peer in self.peers if peer.key == key), None)


def show(machine: Machine, *, interface: str = "wg0") -> Interface | None:
    """The interface, or None if there is none."""
    done = machine.exec("wg", "show", interface, "dump", check=False)
    if done.returncode:
        return None
    first, *others = [line.split("\t") for line in done.stdout.splitlines()]
    return Interface(key=first[1], port=int(first[2]), peers=tuple(map(_peer, others)))


def reaches(machine: Machine, address: str, *, hops: int = 64) -> bool:
    """Whether one packet to ``address`` comes back, when it may pass that many routers."""
    ping = ("ping", "-n", "-c1", "-W1", f"-t{hops}", address)
    return machine.exec(*ping, check=False).returncode == 0


def first_hop(machine: Machine, address: str) -> str:
    """What ``ping`` says when a packet may pass no router: the router's complaint."""
    return machine.exec("ping", "-n", "-c1", "-W1", "-t1", address, check=False).stdout


def _peer(fields: list[str]) -> Peer:
    allowed = () if fields[3] == "(none)" else tuple(fields[3].split(","))
    return Peer(fields[0], fields[2], allowed, int(fields[4]))
