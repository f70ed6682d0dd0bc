"""The interface as WireGuard reports it: ``wg show IF dump``."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActualPeer:
    """One peer as it is; ``last_handshake`` in seconds since 1970, 0 for never."""

    public_key: str
    endpoint: str
    allowed: frozenset[str]
    last_handshake: int
    received: int
    sent: int
    keepalive: int


@dataclass(frozen=True, slots=True)
class Actual:
    """The interface as it is; ``public_key`` is empty while it has no private key."""

    public_key: str
    listen_port: int
    peers: Mapping[str, ActualPeer]


def parse(text: str) -> Actual:
    """Read the tab-separated dump; the private key in it is dropped here."""
    first, *rest = text.splitlines()
    _, public_key, listen_port, _ = first.split("\t")
    peers = [_parse_peer(line) for line in rest]
    return Actual(
        public_key=_value(public_key),
        listen_port=int(listen_port),
        peers={peer.public_key: peer for peer in peers},
    )


def _parse_peer(line: str) -> ActualPeer:
    key, _, endpoint, allowed, handshake, received, sent, keepalive = line.split("\t")
    return ActualPeer(
        public_key=key,
        endpoint=_value(endpoint),
        allowed=frozenset(_value(allowed).split(",")) - {""},
        last_handshake=int(handshake),
        received=int(received),
        sent=int(sent),
        keepalive=0 if keepalive == "off" else int(keepalive),
    )


def _value(text: str) -> str:
    return "" if text == "(none)" else text
