"""Asking for another leader, while the present one works."""

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster.errors import NodeNotReachable
from cluster.errors.leadership import NodeIsAlreadyLeader, NodeNotEligible
from cluster.freeze import check_not_frozen
from cluster.models import Operation
from cluster.services.admission import check_version
from cluster.services.confirmation import check_confirmation
from cluster.services.operations import open_operation
from cluster.services.queries import get_leader, lock_cluster
from nodes.models import Node
from nodes.names import join_endpoint


@transaction.atomic
def request_promotion(
    node: Node,
    *,
    actor: Actor,
    confirmation: str,
    vpn_address: str,
    vpn_port: int,
    check_connectivity: bool = True,
    audit_export: bool = False,
) -> Operation:
    """Accept the promotion of ``node``, which will lead from ``vpn_address:vpn_port`` (S23 to S35).

    Raises ``NodeIsAlreadyLeader``, ``NodeNotEligible``, ``NodeNotReachable``, ``VersionMismatch``,
    ``ConfirmationMismatch``, ``EndpointInvalid``, ``OperationInProgress``. Whether every node
    reaches it is looked at by the operation, unless ``check_connectivity`` is false. With
    ``audit_export`` the new leader fetches a sealed export of this node's trail afterwards (S59).
    """
    lock_cluster()
    check_not_frozen()
    node = Node.objects.select_related("contact").get(pk=node.pk)
    _check_node(node)
    endpoint = join_endpoint(vpn_address, vpn_port)
    check_confirmation(node, confirmation)
    parameters = {
        "node_id": node.pk,
        "from": get_leader().pk,
        "endpoint": endpoint,
        "check_connectivity": check_connectivity,
        "audit_export": audit_export,
    }
    kind = Operation.Kind.PROMOTE
    operation = open_operation(kind, actor=actor, node=node, parameters=parameters)
    record(
        AuditAction.NODE_PROMOTION_REQUESTED,
        actor=actor,
        target=node.audit_target,
        operation=operation.pk,
        details=parameters,
    )
    return operation


def _check_node(node: Node) -> None:
    """What makes it impossible, in the order in which an administrator would ask."""
    if node.role == Node.Role.LEADER:
        raise NodeIsAlreadyLeader(node=node)
    if not node.eligible:
        advice = "Make it eligible first; it then receives what a leader needs."
        raise NodeNotEligible(node=node, advice=advice)
    if node.state != Node.State.ACTIVE:
        raise NodeNotEligible(node=node, advice=f"It is {node.state}.")
    if node.status != Node.Status.ONLINE:
        raise NodeNotReachable(
            node=node, advice="Start it, or see why the leader does not hear it."
        )
    check_version(node.version)
