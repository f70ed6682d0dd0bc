"""What the list of nodes shows of a node and keeps: all but its last contact."""

from dataclasses import dataclass
from datetime import datetime

from nodes.models import Contact, Node


@dataclass(frozen=True, slots=True)
class NodeCells:
    """The same at nearly every poll, so that what was made of it can be used again."""

    pk: int
    label: str
    fqdn: str
    status: Node.Status
    offline_since: datetime | None
    role: str
    vpn_address: str
    path: str
    """By which a worker is reached; empty for others, and for one that is not."""
    distribution: str
    version: str

    @classmethod
    def of(cls, node: Node) -> "NodeCells":
        status = node.status
        contact: Contact | None = getattr(node, "contact", None)
        is_reached = contact and node.role != Node.Role.LEADER and status != Node.Status.OFFLINE
        return cls(
            pk=node.pk,
            label=node.label,
            fqdn=node.fqdn,
            status=status,
            offline_since=node.last_contact if status == Node.Status.OFFLINE else None,
            role=str(node.get_role_display()),
            vpn_address=node.vpn_address or "",
            path=contact.path if contact and is_reached else "",
            distribution=node.distribution,
            version=node.version,
        )
