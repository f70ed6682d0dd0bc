"""Ways to the leader: through the VPN while the hub is heard there, else by its public address."""

import hashlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from nodes.agent.record import Leader
from nodes.agent.state import Member, State
from nodes.agent.store import Holding

VPN_SECONDS = (1.0, 3.0)
"""To connect, and for an answer that the leader may hold for 2.5 s: a dead VPN costs no more."""
PUBLIC_SECONDS = (2.0, 4.0)
MEMBER_SECONDS = (1.0, 1.5)
"""For what a member answers from memory."""
COURTED_SECONDS = (1.0, 4.0)
SHORTEST_AVOIDANCE, LONGEST_AVOIDANCE = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Route:
    """One way, with the certificate that must answer there."""

    path: str
    host: str
    port: int
    fingerprint: str
    connect_seconds: float
    answer_seconds: float


class Routes:
    """Which ways to try now, in which order."""

    def __init__(
        self,
        *,
        hub_is_alive: Callable[[], bool],
        own_console: tuple[str, int],
        own_certificate: Path,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hub_is_alive = hub_is_alive
        self._own_console = own_console
        self._own_certificate = own_certificate
        self._monotonic = monotonic
        self._avoid_vpn_until = float("-inf")
        self._avoidance = SHORTEST_AVOIDANCE

    def now(self, held: Holding) -> list[Route]:
        """The ways to try, best first; none for a node that has no leader."""
        leader, state = held.record.leader, held.state
        if leader is None:
            return []
        if held.record.role == "leader":
            return [self._to_ourselves(leader)]
        if state is None or state.leader != leader.id or not self._may_use_vpn():
            return [to_leader(leader)]
        return [_through_vpn(leader, state), to_leader(leader)]

    def succeeded(self, route: Route) -> None:
        """This way works: a VPN that failed before is trusted again."""
        if route.path == "vpn":
            self._avoidance = SHORTEST_AVOIDANCE

    def failed(self, route: Route) -> None:
        """This way does not: the VPN is left alone for a while, longer each time."""
        if route.path == "vpn":
            self._avoid_vpn_until = self._monotonic() + self._avoidance
            self._avoidance = min(self._avoidance * 2, LONGEST_AVOIDANCE)

    def _may_use_vpn(self) -> bool:
        return self._hub_is_alive() and self._monotonic() >= self._avoid_vpn_until

    def _to_ourselves(self, leader: Leader) -> Route:
        host, port = self._own_console
        fingerprint = fingerprint_of(self._own_certificate) or leader.tls_fingerprint
        return Route("public", host, port, fingerprint, *PUBLIC_SECONDS)


def fingerprint_of(certificate: Path) -> str | None:
    """SHA-256 of the first certificate in a PEM file, or None where it cannot be read."""
    try:
        text = certificate.read_text()
        first = text[text.index(ssl.PEM_HEADER) : text.index(ssl.PEM_FOOTER)] + ssl.PEM_FOOTER
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()
    except (OSError, ValueError):
        return None


def to_leader(leader: Leader) -> Route:
    """By its public address alone."""
    host, port = _host_and_port(leader.console_url)
    return Route("public", host, port, leader.tls_fingerprint, *PUBLIC_SECONDS)


def _through_vpn(leader: Leader, state: State) -> Route:
    _, port = _host_and_port(leader.console_url)
    leading = state.leading
    address = str(leading.vpn_address)
    return Route("vpn", address, port, leading.tls_fingerprint, *VPN_SECONDS)


def to_member(member: Member) -> Route:
    """To another member than the leader, by its public address."""
    host, port = _host_and_port(member.console_url)
    return Route("asking", host, port, member.tls_fingerprint, *MEMBER_SECONDS)


def to_courted(member: Member) -> Route:
    """To a member that may be the new leader; it may take its time to send a state."""
    host, port = _host_and_port(member.console_url)
    return Route("courting", host, port, member.tls_fingerprint, *COURTED_SECONDS)


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443
