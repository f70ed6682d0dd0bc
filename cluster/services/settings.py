"""Changing what may be changed in a cluster that exists."""

from ipaddress import IPv4Network

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import state
from cluster.errors import MaxNodesTooHigh, MaxNodesTooLow
from cluster.models import Cluster
from cluster.names import parse_label
from cluster.networks import room_of
from cluster.services.queries import lock_cluster
from nodes.models import Node


@transaction.atomic
def change_cluster(
    *, actor: Actor, label: str | None = None, max_nodes: int | None = None
) -> Cluster:
    """Change the label, or how many nodes there may be (S4); None leaves a value as it is.

    Raises ``LabelInvalid``, ``MaxNodesTooLow`` (fewer than there are), ``MaxNodesTooHigh`` (more
    than the VPN network has addresses).
    """
    cluster = lock_cluster()
    wanted = {
        "label": cluster.label if label is None else parse_label(label),
        "max_nodes": cluster.max_nodes if max_nodes is None else max_nodes,
    }
    changes = {
        name: {"from": getattr(cluster, name), "to": value}
        for name, value in wanted.items()
        if getattr(cluster, name) != value
    }
    if changes:
        _check_room(cluster, max_nodes=int(str(wanted["max_nodes"])))
        _change(cluster, wanted)
        target = cluster.audit_target
        record(AuditAction.CLUSTER_SETTINGS_CHANGED, actor=actor, target=target, details=changes)
    return cluster


def _check_room(cluster: Cluster, *, max_nodes: int) -> None:
    count = Node.objects.members().count()
    room = room_of(IPv4Network(cluster.vpn_network))
    if max_nodes < count:
        raise MaxNodesTooLow(field="max_nodes", count=count)
    if max_nodes > room:
        raise MaxNodesTooHigh(field="max_nodes", network=cluster.vpn_network, room=room)


def _change(cluster: Cluster, values: dict[str, object]) -> None:
    Cluster.objects.filter(pk=cluster.pk).update(**values)
    state.bump()
    cluster.refresh_from_db()
