"""The actions of ``api-cli`` about nodes, beside those about accounts and applications."""

from rest_framework import serializers

from accounts.management import actions as accounts
from accounts.management.actions import Actions, Answer, Nothing, Strict
from audit.actor import Actor
from cluster.management import application_actions as applications
from cluster.management.root import check_leads, check_may_change
from cluster.models import FollowUp, Operation
from cluster.services.confirmation import confirmation_of
from cluster.services.promotion import request_promotion
from cluster.services.queries import get_leader, require_cluster
from cluster.services.removal import preview_removal, request_removal
from nodes.models import Node
from nodes.services.nodes import find_node


class NamedNode(Strict):
    node = serializers.IntegerField(min_value=1)


class RemoveNode(NamedNode):
    force = serializers.BooleanField(default=False)


class PromoteNode(NamedNode):
    vpn_address = serializers.CharField(max_length=260, required=False)
    vpn_port = serializers.IntegerField(required=False)
    check_connectivity = serializers.BooleanField(default=True)


def remove_node(data: Answer, *, actor: Actor) -> Operation:
    """Remove a worker: whoever is root and names it has confirmed it."""
    node = _find_node(data)
    digest = preview_removal(node).digest
    return request_removal(
        node,
        actor=actor,
        confirmation=confirmation_of(node),
        digest=digest,
        force=data["force"],
    )


def promote_node(data: Answer, *, actor: Actor) -> Operation:
    """Make a worker the leader, at its present endpoint unless another is given."""
    node = _find_node(data)
    address, _, port = node.endpoint.rpartition(":")
    return request_promotion(
        node,
        actor=actor,
        confirmation=confirmation_of(node),
        vpn_address=data.get("vpn_address", address),
        vpn_port=data.get("vpn_port", int(port or 0)),
        check_connectivity=data["check_connectivity"],
    )


def list_nodes(data: Answer, *, actor: Actor) -> Answer:
    """The fleet, by number."""
    check_leads()
    return {"nodes": _describe_nodes()}


def get_cluster_status(data: Answer, *, actor: Actor) -> Answer:
    """The cluster, its nodes, what is going on and what is left to do."""
    check_leads()
    cluster = require_cluster()
    going_on = Operation.objects.open().first()
    return {
        "label": cluster.label,
        "uuid": str(cluster.uuid),
        "vpn_network": cluster.vpn_network,
        "max_nodes": cluster.max_nodes,
        "term": cluster.term,
        "generation": cluster.generation,
        "leader": get_leader().pk,
        "nodes": _describe_nodes(),
        "operation": going_on and {"id": str(going_on.pk), "kind": going_on.kind},
        "follow_ups": [follow_up.detail for follow_up in FollowUp.objects.open()],
    }


def _find_node(data: Answer) -> Node:
    check_may_change()
    return find_node(data["node"])


def _describe_nodes() -> list[Answer]:
    members = Node.objects.members().select_related("contact")
    return [_describe(node) for node in members.order_by("id")]


def _describe(node: Node) -> Answer:
    last = node.last_contact
    return {
        "id": node.pk,
        "label": node.label,
        "fqdn": node.fqdn,
        "role": node.role,
        "status": str(node.status),
        "vpn_address": node.vpn_address,
        "endpoint": node.endpoint,
        "eligible": node.eligible,
        "last_contact": last.isoformat() if last else None,
        "version": node.version,
        "distribution": node.distribution,
    }


ACTIONS: Actions = {
    **accounts.ACTIONS,
    **applications.ACTIONS,
    "remove-node": (RemoveNode, remove_node),
    "promote-node": (PromoteNode, promote_node),
    "list-nodes": (Nothing, list_nodes),
    "get-cluster-status": (Nothing, get_cluster_status),
}
"""Those that take longer than a moment answer with their operation."""
