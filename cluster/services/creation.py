"""Creating the cluster on a machine that belongs to none."""

import uuid

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.services import record
from cluster import recovery_key
from cluster.errors import ClusterAlreadySet, MaxNodesTooLow
from cluster.models import Operation
from cluster.names import parse_label
from cluster.networks import check_overlap, parse_vpn_network
from cluster.services.operations import open_operation
from nodes.local_agent import AgentStatus, get_local_agent
from nodes.names import parse_endpoint
from nodes.role import Role

DEFAULT_MAX_NODES = 4


def request_create(
    *, actor: Actor, label: str, vpn_network: str, endpoint: str, max_nodes: int | None = None
) -> tuple[Operation, str]:
    """Accept the creation of a cluster that this machine will lead; also returns its recovery key.

    The recovery key is kept nowhere: it is in this answer only. Raises the field errors of the
    values, ``ClusterAlreadySet``, ``OperationInProgress``, ``AgentUnavailable``.
    """
    parameters = _parse(label, vpn_network, endpoint, max_nodes or DEFAULT_MAX_NODES)
    status = get_local_agent().status()
    _check_free(status)
    _check_network(parameters, status)
    text, public = recovery_key.generate()
    return _open(parameters | {"recovery_key": public}, actor=actor), text


def _parse(label: str, vpn_network: str, endpoint: str, max_nodes: int) -> dict[str, object]:
    if max_nodes < 1:
        raise MaxNodesTooLow(field="max_nodes", count=1)
    return {
        "uuid": str(uuid.uuid4()),
        "label": parse_label(label),
        "vpn_network": str(parse_vpn_network(vpn_network, max_nodes=max_nodes)),
        "endpoint": parse_endpoint(endpoint),
        "max_nodes": max_nodes,
    }


def _check_free(status: AgentStatus) -> None:
    if status["role"] != Role.UNINITIALISED:
        raise ClusterAlreadySet(cluster=status["cluster"])


def _check_network(parameters: dict[str, object], status: AgentStatus) -> None:
    network = parse_vpn_network(str(parameters["vpn_network"]), max_nodes=1)
    check_overlap(network, status["networks"], owner="this machine")


@transaction.atomic
def _open(parameters: dict[str, object], *, actor: Actor) -> Operation:
    operation = open_operation(Operation.Kind.CREATE, actor=actor, parameters=parameters)
    target = Target(kind="cluster", id=str(parameters["uuid"]), label=str(parameters["label"]))
    record(
        AuditAction.CLUSTER_CREATION_REQUESTED,
        actor=actor,
        target=target,
        operation=operation.pk,
        details=parameters,
    )
    return operation
