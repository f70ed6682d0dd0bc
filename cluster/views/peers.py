"""A node's WireGuard peers as it last reported them; what passed, as the leader counts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cluster.views.local_status import agent_status
from nodes.models import Contact, Node
from nodes.role import current

FRESH = timedelta(seconds=180)
"""WireGuard makes a new handshake every two minutes while there is traffic."""
LONGEST_AGE = 10 * 365 * 86400
MOST = 2**31


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer; what passed is None where the leader is not one of the two."""

    node_id: int
    endpoint: str
    last_handshake: datetime | None
    received: int | None = None
    sent: int | None = None

    @property
    def meaning(self) -> str:
        """Whether packets have passed lately."""
        if self.last_handshake is None:
            return "offline"
        return "ok" if timezone.now() - self.last_handshake < FRESH else "warning"


def peers(node: Node) -> list[Peer]:
    """The peers of ``node``; nothing before its first contact."""
    contact: Contact | None = getattr(node, "contact", None)
    if contact is None or contact.last_contact is None:
        return []
    counted = _counted()
    return [
        _peer(row, node=node, seen=contact.last_contact, counted=counted)
        for row in _reported(contact)
    ]


def _reported(contact: Contact) -> list[Mapping[str, Any]]:
    """What another machine says of its peers, without what makes no sense."""
    vpn = contact.health.get("vpn")
    rows = vpn.get("peers") if isinstance(vpn, dict) else None
    return [row for row in rows if _is_peer(row)] if isinstance(rows, list) else []


def _is_peer(row: object) -> bool:
    if not isinstance(row, dict):
        return False
    number, age = row.get("node_id"), row.get("handshake_age")
    is_age = age is None or (isinstance(age, int) and 0 <= age < LONGEST_AGE)
    return isinstance(number, int) and 0 < number < MOST and is_age


def _peer(
    row: Mapping[str, Any], *, node: Node, seen: datetime, counted: Mapping[int, tuple[int, int]]
) -> Peer:
    age = row.get("handshake_age")
    received, sent = _passed(node, row["node_id"], counted)
    return Peer(
        node_id=row["node_id"],
        endpoint=str(row.get("endpoint") or ""),
        last_handshake=None if age is None else seen - timedelta(seconds=age),
        received=received,
        sent=sent,
    )


def _passed(
    node: Node, peer_id: int, counted: Mapping[int, tuple[int, int]]
) -> tuple[int | None, int | None]:
    """What ``node`` received and sent: the leader's own counters, or the other end of them."""
    if node.role == Node.Role.LEADER:
        return counted.get(peer_id, (None, None))
    if peer_id != current().node_id:
        return None, None
    leader_received, leader_sent = counted.get(node.pk, (None, None))
    return leader_sent, leader_received


def _counted() -> dict[int, tuple[int, int]]:
    """Bytes that the leader received from and sent to each peer."""
    status = agent_status()
    rows = status["vpn"]["peers"] if status else []
    return {row["node_id"]: (row["received"], row["sent"]) for row in rows}
