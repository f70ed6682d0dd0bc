"""What the interface should be, by the state: a star with the leader as hub, and warm peers.

On a worker the hub has the whole network as allowed addresses. Each eligible node and every other
node keep each other warm (endpoint and keepalive, no allowed addresses), so that moving the hub is
one ``wg set``. On the hub each node has its own address.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Interface

from nodes.agent.state import Member, State

KEEPALIVE = 5
"""Seconds. Keeps the way through a NAT open, and shows within three of them that a peer is gone."""


@dataclass(frozen=True, slots=True)
class PlannedPeer:
    """One peer; ``endpoint`` as the state names it, not yet resolved, empty where there is none."""

    node_id: int
    public_key: str
    endpoint: str
    allowed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole interface at one generation."""

    term: int
    generation: int
    address: IPv4Interface
    listen_port: int
    peers: tuple[PlannedPeer, ...]
    is_hub: bool
    hub_id: int


def make_plan(state: State, *, node_id: int, listen_port: int) -> Plan | None:
    """The plan for this node, or None when the state does not (or no longer) give it a place."""
    own = state.find(node_id)
    if own is None or own.status == "removing":
        return None
    is_hub = state.leader == node_id
    peers = _spokes(state) if is_hub else _hub_and_warm_peers(state, own)
    return Plan(
        term=state.term,
        generation=state.generation,
        address=IPv4Interface(f"{own.vpn_address}/{state.vpn_network.prefixlen}"),
        listen_port=listen_port,
        peers=tuple(peers),
        is_hub=is_hub,
        hub_id=state.leader,
    )


def _spokes(state: State) -> Iterator[PlannedPeer]:
    for member in _present(state):
        if member.id != state.leader:
            yield _peer(member, allowed=f"{member.vpn_address}/32")


def _hub_and_warm_peers(state: State, own: Member) -> Iterator[PlannedPeer]:
    for member in _present(state):
        if member.id == state.leader:
            yield _peer(member, allowed=str(state.vpn_network))
        elif member.id != own.id and (member.eligible or own.eligible):
            yield _peer(member)


def _present(state: State) -> Iterator[Member]:
    return (member for member in state.members if member.status != "removing")


def _peer(member: Member, *, allowed: str = "") -> PlannedPeer:
    return PlannedPeer(
        node_id=member.id,
        public_key=member.wireguard_key,
        endpoint=member.endpoint,
        allowed=frozenset({allowed} if allowed else ()),
    )
