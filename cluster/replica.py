"""The sealed part of the state: what a node needs to lead, beside the open part.

Never in it: sessions, audit events, the backup password, join codes.
"""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts import replica as accounts
from audit import replica as audit
from audit.services import head
from cluster.applications import replica as applications
from cluster.backup import replica as backup
from cluster.domains import replica as domains
from cluster.logs import replica as logs
from cluster.models import Cluster, FollowUp, Operation, OperationStep
from nodes.models import Node

SCHEMA = 1
SETTLED_KEPT = 50
"""Follow-ups that are settled travel too, as far as people may yet look for them."""
NODE_FIELDS = ("version", "distribution")
REMOVED_FIELDS = (
    "id",
    "fqdn",
    "label",
    "wireguard_key",
    "identity_key",
    "sealing_key",
    "console_url",
    "tls_fingerprint",
    "eligible",
)
"""A removed node is not in the open part any more; its keys say who it was when it comes back."""
OPERATION_FIELDS = (
    "kind",
    "state",
    "parameters",
    "data",
    "actor",
    "subject",
    "position",
    "undoing",
    "irreversible",
    "error_code",
    "error_detail",
    "progress",
)
STEP_FIELDS = ("position", "name", "state", "detail")
FOLLOW_UP_FIELDS = ("kind", "subject", "detail", "link", "node", "settled_by")


def export() -> dict[str, Any]:
    """JSON-ready; the caller seals it."""
    cluster = Cluster.objects.get()
    operations = Operation.objects.open().prefetch_related(
        Prefetch("steps", OperationStep.objects.order_by("position"))
    )
    return {
        "schema": SCHEMA,
        "of": {"term": cluster.term, "generation": cluster.generation},
        "accounts": accounts.export(),
        "cluster": {
            "created_at": _text(cluster.created_at),
            "next_node_id": cluster.next_node_id,
        },
        "nodes": [_describe_node(node) for node in Node.objects.members()],
        "removed": [_describe_removed(node) for node in _removed_nodes()],
        "operations": [_describe_operation(operation) for operation in operations],
        "follow_ups": [_describe_follow_up(follow_up) for follow_up in _follow_ups()],
        "backup": backup.export(),
        "applications": applications.export(),
        "logs": logs.export(),
        "domains": domains.export(),
        "audit": head(),
        "audit_settings": audit.export(),
    }


def _removed_nodes() -> QuerySet[Node]:
    return Node.objects.filter(state=Node.State.REMOVED)


def _describe_node(node: Node) -> dict[str, Any]:
    """What the open part does not say of a member."""
    return {
        "id": node.pk,
        **_fields(node, NODE_FIELDS),
        "joined_at": _text(node.joined_at),
        "created_at": _text(node.created_at),
    }


def _describe_removed(node: Node) -> dict[str, Any]:
    return _fields(node, REMOVED_FIELDS) | _describe_node(node)


def _describe_operation(operation: Operation) -> dict[str, Any]:
    """An open operation, as far as another leader may know it: never its secret."""
    return {
        "id": str(operation.pk),
        **_fields(operation, OPERATION_FIELDS),
        "node": operation.node_id,
        "created_at": _text(operation.created_at),
        "deadline": _text(operation.deadline),
        "steps": [_describe_step(step) for step in operation.steps.all()],
    }


def _describe_step(step: OperationStep) -> dict[str, Any]:
    moments = {"started_at": _text(step.started_at), "ended_at": _text(step.ended_at)}
    return _fields(step, STEP_FIELDS) | moments


def _follow_ups() -> list[FollowUp]:
    """Oldest first, so that they are numbered in the same order again."""
    settled = FollowUp.objects.exclude(settled_at=None).order_by("-id")[:SETTLED_KEPT]
    return sorted([*FollowUp.objects.open(), *settled], key=lambda follow_up: follow_up.pk)


def _describe_follow_up(follow_up: FollowUp) -> dict[str, Any]:
    return {
        **_fields(follow_up, FOLLOW_UP_FIELDS),
        "created_at": _text(follow_up.created_at),
        "settled_at": _text(follow_up.settled_at),
    }


def _fields(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
