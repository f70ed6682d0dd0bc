"""The difference between the plan and the interface, as the arguments of one ``wg set``."""

from collections.abc import Callable, Iterator

from nodes.agent.vpn.dump import Actual, ActualPeer
from nodes.agent.vpn.plan import KEEPALIVE, Plan, PlannedPeer

EndpointFor = Callable[[PlannedPeer, ActualPeer | None], str | None]
"""The resolved endpoint to set now, or None to leave the peer's as it is."""


def interface_changes(plan: Plan, actual: Actual, *, public_key: str, key_file: str) -> list[str]:
    """Private key (named by its file, never itself an argument) and listening port."""
    changes = []
    if actual.public_key != public_key:
        changes += ["private-key", key_file]
    if actual.listen_port != plan.listen_port:
        changes += ["listen-port", str(plan.listen_port)]
    return changes


def peer_changes(plan: Plan, actual: Actual, *, endpoint_for: EndpointFor) -> list[str]:
    """Peers to add, change and remove; a peer is never removed to be added again."""
    changes: list[str] = []
    for peer in plan.peers:
        now = actual.peers.get(peer.public_key)
        settings = list(_settings(peer, now, endpoint_for(peer, now)))
        if settings or now is None:
            changes += ["peer", peer.public_key, *settings]
    planned = {peer.public_key for peer in plan.peers}
    for key in actual.peers.keys() - planned:
        changes += ["peer", key, "remove"]
    return changes


def _settings(peer: PlannedPeer, now: ActualPeer | None, endpoint: str | None) -> Iterator[str]:
    if endpoint is not None:
        yield from ("endpoint", endpoint)
    if now is None or now.keepalive != KEEPALIVE:
        yield from ("persistent-keepalive", str(KEEPALIVE))
    if (now.allowed if now else frozenset()) != peer.allowed:
        yield from ("allowed-ips", ",".join(sorted(peer.allowed)))
