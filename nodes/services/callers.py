"""The node behind an agent's call: one query by hand, because it is asked at every sync."""

from dataclasses import dataclass

from django.db import connection

from nodes.models import Contact, Node

QUERY = """
    SELECT node.id, node.state, node.role, node.vpn_address, node.identity_key,
        node.version, node.distribution,
        contact.path, contact.generation, contact.facts_digest, contact.last_contact IS NOT NULL
    FROM nodes_node AS node JOIN nodes_contact AS contact ON contact.node_id = node.id
    WHERE node.id = %s AND node.state <> %s
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """A member, and what it said with its last call; without the large columns."""

    id: int
    state: str
    role: str
    vpn_address: str
    identity_key: str
    version: str
    distribution: str
    last_path: str
    last_generation: int
    facts_digest: str
    was_heard: bool

    @property
    def is_joining(self) -> bool:
        return self.state == Node.State.JOINING

    def path_from(self, source: str | None) -> Contact.Path:
        """The leader decides: through the VPN, if the peer has the node's own address there."""
        return Contact.Path.VPN if source == self.vpn_address else Contact.Path.PUBLIC


def find_caller(node_id: int) -> Caller | None:
    """The member with this number, or None."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [node_id, Node.State.REMOVED])
        row = cursor.fetchone()
    return Caller(*row) if row else None
