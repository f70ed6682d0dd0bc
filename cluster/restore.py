"""How the sealed part of the state comes back, on a node that takes over.

Nothing of the rows before survives: whatever a node kept from another life in these tables would
be a second truth. Audit events are not among them.
"""

import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts import replica as accounts
from audit import replica as audit
from cluster.applications import replica as applications
from cluster.backup import replica as backup
from cluster.domains import replica as domains
from cluster.logs import replica as logs
from cluster.models import (
    Cluster,
    FollowUp,
    IdempotencyKey,
    JoinCode,
    Operation,
    SignedState,
)
from cluster.replica import FOLLOW_UP_FIELDS, NODE_FIELDS, REMOVED_FIELDS
from nodes.models import Contact, Node

Json = Mapping[str, Any]
CLUSTER_FIELDS = ("label", "vpn_network", "max_nodes", "recovery_key")
MEMBER_FIELDS = (
    "id",
    "fqdn",
    "label",
    "vpn_address",
    "wireguard_key",
    "identity_key",
    "sealing_key",
    "endpoint",
    "console_url",
    "tls_fingerprint",
    "eligible",
)


def replace_rows(
    document: Json,
    sealed: Json,
    *,
    leader_id: int,
    endpoint: str | None,
    keep: uuid.UUID | None = None,
) -> None:
    """Make the database say what the state says, in the caller's transaction.

    Operations are not restored here: ``cluster.inheritance`` decides what becomes of each.
    ``endpoint`` is the new leader's, if it is to be another than the state's; ``keep`` is the
    operation by which this happens, if it is one of this machine's own.
    """
    operations = Operation.objects.all()
    (operations.exclude(pk=keep) if keep else operations).delete()
    for model in (JoinCode, IdempotencyKey, FollowUp, SignedState, Node, Cluster):
        model._default_manager.all().delete()
    accounts.restore(sealed["accounts"])
    audit.restore(sealed.get("audit_settings", {}))
    _restore_nodes(document, sealed, leader_id=leader_id)
    if endpoint is not None:
        Node.objects.filter(pk=leader_id).update(endpoint=endpoint)
    _restore_follow_ups(sealed.get("follow_ups", ()))
    backup.restore(sealed.get("backup", {}))
    applications.restore(sealed.get("applications", {}))
    logs.restore(sealed.get("logs", {}))
    domains.restore(sealed.get("domains", ()))


def restore_cluster(document: Json, sealed: Json, *, term: int, handover: Json | None) -> Cluster:
    """The cluster as it begins the new term: one generation after the state that it is built on."""
    wanted = document["cluster"]
    return Cluster.objects.create(
        uuid=uuid.UUID(wanted["uuid"]),
        **{name: wanted[name] for name in CLUSTER_FIELDS},
        term=term,
        generation=document["generation"] + 1,
        next_node_id=sealed["cluster"]["next_node_id"],
        created_at=read_moment(sealed["cluster"]["created_at"]) or timezone.now(),
        handover=handover,
        built_on={
            **{name: document[name] for name in ("term", "generation", "leader")},
            "audit": sealed.get("audit"),
        },
    )


def _restore_nodes(document: Json, sealed: Json, *, leader_id: int) -> None:
    """Tokens from before this moment are refused: the last leader may have accepted them."""
    more = {extra["id"]: extra for extra in sealed.get("nodes", ())}
    members = [_member(n, more.get(n["id"], {}), leader_id=leader_id) for n in document["nodes"]]
    nodes = members + [_removed(described) for described in sealed.get("removed", ())]
    now_us = time.time_ns() // 1000
    Node.objects.bulk_create(nodes)
    Contact.objects.bulk_create(Contact(node=node, token_at=now_us) for node in nodes)


def _member(described: Json, extra: Json, *, leader_id: int) -> Node:
    is_leader = described["id"] == leader_id
    return Node(
        state=described["status"],
        role=Node.Role.LEADER if is_leader else Node.Role.WORKER,
        **{name: described[name] for name in MEMBER_FIELDS},
        **_history(extra),
    )


def _removed(described: Json) -> Node:
    return Node(
        state=Node.State.REMOVED,
        **{name: described[name] for name in REMOVED_FIELDS},
        **_history(described),
    )


def _history(extra: Json) -> dict[str, Any]:
    """A state of an earlier release does not say."""
    return {
        **{name: extra.get(name, "") for name in NODE_FIELDS},
        "joined_at": read_moment(extra.get("joined_at")),
        "created_at": read_moment(extra.get("created_at")) or timezone.now(),
    }


def _restore_follow_ups(described: Any) -> None:
    FollowUp.objects.bulk_create(
        FollowUp(
            **{name: each[name] for name in FOLLOW_UP_FIELDS},
            created_at=read_moment(each["created_at"]) or timezone.now(),
            settled_at=read_moment(each["settled_at"]),
        )
        for each in described
    )


def read_moment(text: str | None) -> datetime | None:
    """What ``isoformat`` wrote."""
    return None if text is None else datetime.fromisoformat(text)
