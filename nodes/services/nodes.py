"""Changing a node."""

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from nodes import replica
from nodes.errors import NodeLabelInvalid
from nodes.models import Node

LABEL_LENGTH = 64


@transaction.atomic
def change_node(node: Node, *, actor: Actor, label: str | None = None) -> Node:
    """Give a node another label, or with an empty one none. Raises ``NodeLabelInvalid``."""
    wanted = node.label if label is None else _parse_label(label)
    if wanted != node.label:
        changes = {"label": {"from": node.label, "to": wanted}}
        Node.objects.filter(pk=node.pk).update(label=wanted)
        replica.changed()
        record(AuditAction.NODE_CHANGED, actor=actor, target=node.audit_target, details=changes)
        node.label = wanted
    return node


def _parse_label(text: str) -> str:
    label = text.strip()
    if len(label) > LABEL_LENGTH or not label.isprintable():
        raise NodeLabelInvalid(field="label")
    return label
