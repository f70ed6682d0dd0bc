"""What the sealed part of the state holds: what a node needs to lead beside the open part.

Never in it: sessions, audit events, the backup password, join codes.
"""

from typing import Any

from accounts import replica as accounts
from cluster.models import Cluster, Operation

SCHEMA = 1


def export() -> dict[str, Any]:
    """JSON-ready; the caller seals it."""
    cluster = Cluster.objects.get()
    return {
        "schema": SCHEMA,
        "accounts": accounts.export(),
        "cluster": {
            "created_at": cluster.created_at.isoformat(),
            "next_node_id": cluster.next_node_id,
        },
        "operations": [_describe(operation) for operation in Operation.objects.open()],
    }


def _describe(operation: Operation) -> dict[str, Any]:
    """An open operation, as far as another leader may know it: never its secret."""
    return {
        "id": str(operation.pk),
        "kind": operation.kind,
        "state": operation.state,
        "parameters": operation.parameters,
        "data": operation.data,
        "actor": operation.actor,
        "node": operation.node_id,
        "created_at": operation.created_at.isoformat(),
        "deadline": operation.deadline.isoformat(),
    }
