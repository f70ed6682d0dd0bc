"""Where this node's logs go, by the state that it holds (S29)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.agent.store import Holding

OURSELVES = ""
"""What rsyslog calls the sender of a line that it has read itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """The leader's VPN address; on the leader itself also who sends from where."""

    node_id: int
    address: str
    is_store: bool
    senders: Mapping[str, int] = field(default_factory=dict)
    """Node numbers by VPN address: a message may call itself anything."""


def find_place(holding: Holding) -> Place | None:
    """None where there is no cluster to send to; a leader that handed over stores until it holds
    the next leader's state.
    """
    state, own = holding.state, holding.own
    if state is None or own is None or own.status == "removing":
        return None
    address = str(state.leading.vpn_address)
    if state.leader != own.id:
        return Place(own.id, address, is_store=False)
    senders = {str(member.vpn_address): member.id for member in state.members}
    return Place(own.id, address, is_store=True, senders=senders | {OURSELVES: own.id})
