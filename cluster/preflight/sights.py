"""What one node saw, read from its answer to a probe; whatever it sent, nothing else comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodes.agent import checks
from nodes.models import Command

LONGEST = 500
MOST = 64


@dataclass(frozen=True, slots=True)
class HostSight:
    """The candidate's name and HTTPS, as one node found them."""

    failed: str
    """``name`` or ``https``, or nothing."""
    detail: str
    addresses: tuple[str, ...]
    tls_fingerprint: str
    node: int | None
    """The node that it says it is."""


@dataclass(frozen=True, slots=True)
class PeerSight:
    """Another node, through WireGuard: whether packets of it arrived just now."""

    known: bool
    heard: bool
    unasked: bool
    """It was heard while this end was quiet."""
    endpoint: str
    """Where its packets come from."""
    announced: str
    """Where it should be, resolved; empty where no name or no address is known."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One node's whole answer."""

    host: HostSight | None
    vpn: str
    vpn_reason: str
    peers: Mapping[int, PeerSight]


def read_sight(command: Command) -> Sight | str:
    """What the node saw, or why that cannot be said."""
    result = command.result or {}
    if result.get("ok") is not True:
        data = result.get("data")
        return _text(data, "detail") or "it could not be probed"
    try:
        return _parse(checks.mapping(result, "data"))
    except ValueError:
        return "its answer cannot be understood"


def _parse(data: Mapping[str, Any]) -> Sight:
    hosts = [_host(host) for host in _list(data, "hosts")]
    vpn = checks.mapping(data, "vpn")
    peers = [(checks.number(peer, "node_id"), _peer(peer)) for peer in _list(vpn, "peers")]
    return Sight(
        host=hosts[0] if hosts else None,
        vpn=_text(vpn, "state"),
        vpn_reason=_text(vpn, "reason"),
        peers=dict(peers),
    )


def _host(source: Mapping[str, Any]) -> HostSight:
    node = source.get("node")
    return HostSight(
        failed=_text(source, "failed"),
        detail=_text(source, "detail"),
        addresses=tuple(sorted(map(str, source.get("addresses") or ()))[:MOST]),
        tls_fingerprint=_text(source, "tls_fingerprint"),
        node=node if isinstance(node, int) else None,
    )


def _peer(source: Mapping[str, Any]) -> PeerSight:
    return PeerSight(
        known=source.get("known") is True,
        heard=source.get("heard") is True,
        unasked=source.get("unasked") is True,
        endpoint=_text(source, "endpoint"),
        announced=_text(source, "announced"),
    )


def _list(source: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    values = checks.member(source, name)
    if not isinstance(values, list) or len(values) > MOST:
        raise ValueError(f"{name} is not a list of at most {MOST}")
    if not all(isinstance(value, dict) for value in values):
        raise ValueError(f"{name} is not a list of objects")
    return values


def _text(source: Any, name: str) -> str:
    value = source.get(name) if isinstance(source, Mapping) else None
    return value[:LONGEST] if isinstance(value, str) and value.isprintable() else ""
