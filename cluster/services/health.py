"""What people should know about a node that works nevertheless."""

from cluster import join_warnings
from cluster.join_warnings import JoinWarning
from cluster.services.queries import get_leader
from nodes.models import Contact, Node


def find_warnings(node: Node) -> list[JoinWarning]:
    """Another distribution than the leader's (S8); no VPN."""
    if node.role == Node.Role.LEADER:
        return []
    leader = get_leader()
    path = node.contact.path
    return [
        *join_warnings.of_distributions(leader=leader.distribution, node=node.distribution),
        *join_warnings.of_path(is_vpn=path in ("", Contact.Path.VPN)),
    ]
