"""Finding and changing a node."""

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from nodes import replica
from nodes.errors import NodeIsLeader, NodeLabelInvalid, NodeNotFound
from nodes.models import Node
from nodes.names import parse_endpoint

LABEL_LENGTH = 64


def find_node(node_id: int) -> Node:
    """The member with this number, with its last contact; raises ``NodeNotFound``."""
    node = Node.objects.members().select_related("contact").filter(pk=node_id).first()
    if node is None:
        raise NodeNotFound(node=node_id)
    return node


@transaction.atomic
def change_node(
    node: Node,
    *,
    actor: Actor,
    label: str | None = None,
    eligible: bool | None = None,
    endpoint: str | None = None,
) -> Node:
    """Change what is given: the label (an empty one for none), whether the node may become leader
    and therefore holds the sealed state, and where others reach its VPN.

    Raises ``NodeLabelInvalid``, ``EndpointInvalid``, and ``NodeIsLeader`` for a leader that shall
    not be eligible.
    """
    wanted = {
        "label": node.label if label is None else _parse_label(label),
        "eligible": node.eligible if eligible is None else eligible,
        "endpoint": node.endpoint if endpoint is None else parse_endpoint(endpoint),
    }
    changes = {
        name: {"from": getattr(node, name), "to": value}
        for name, value in wanted.items()
        if getattr(node, name) != value
    }
    if changes:
        if "eligible" in changes and node.role == Node.Role.LEADER:
            raise NodeIsLeader(field="eligible", node=node)
        Node.objects.filter(pk=node.pk).update(**{name: wanted[name] for name in changes})
        replica.changed()
        record(AuditAction.NODE_CHANGED, actor=actor, target=node.audit_target, details=changes)
        node.refresh_from_db()
    return node


def _parse_label(text: str) -> str:
    label = text.strip()
    if len(label) > LABEL_LENGTH or not label.isprintable():
        raise NodeLabelInvalid(field="label")
    return label
