"""The node behind an agent's call: one query by hand, because it is asked at every sync."""

from dataclasses import dataclass

from django.db import connection

from nodes.models import Contact, Node

QUERY = """
    SELECT node.id, node.state, node.role, node.vpn_address, node.identity_key,
        node.version, node.distribution,
        contact.path, contact.generation, contact.applied_generation, contact.facts_digest,
        contact.inventory_digest, contact.last_contact IS NOT NULL
    FROM nodes_node AS node JOIN nodes_contact AS contact ON contact.node_id = node.id
    WHERE node.id = %s
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A node, and what it said with its last call; without the large columns."""

    id: int
    state: str
    role: str
    vpn_address: str | None
    identity_key: str
    version: str
    distribution: str
    last_path: str
    last_generation: int
    last_applied_generation: int
    facts_digest: str
    inventory_digest: str
    was_heard: bool

    @property
    def is_joining(self) -> bool:
        return self.state == Node.State.JOINING

    @property
    def is_removed(self) -> bool:
        """Also while it is being removed: from the revocation on nothing opens for it (S20)."""
        return self.state in (Node.State.REMOVING, Node.State.REMOVED)

    def path_from(self, source: str | None) -> Contact.Path:
        """The leader decides: through the VPN, if the peer has the node's own address there."""
        return Contact.Path.VPN if source == self.vpn_address else Contact.Path.PUBLIC


def find_caller(node_id: int) -> Caller | None:
    """The node with this number, a removed one too, or None."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [node_id])
        row = cursor.fetchone()
    return Caller(*row) if row else None
