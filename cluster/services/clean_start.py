"""A removed machine forgets its cluster, so that it can create or join one again (S21)."""

from django.db import transaction

from audit import replica
from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.services import record
from cluster import oblivion
from cluster.errors.leaving import NodeNotRemoved
from cluster.logs import replica as logs
from cluster.models import Cluster, FollowUp, JoinCode, Operation, SignedState
from nodes import role
from nodes.local_agent import get_local_agent
from nodes.models import Node
from nodes.role import NodeIdentity


def clean_start(*, actor: Actor) -> None:
    """Forget the cluster and get new keys; this machine's own accounts, its audit trail and
    whatever runs on it stay as they are. A machine that led has none: it gets a new first one.

    Safe to repeat: what a crash left is cleaned by asking again. Raises ``NodeNotRemoved``,
    ``AgentUnavailable``.
    """
    present = check_removed()
    get_local_agent().status()  # nothing is forgotten while the agent cannot follow
    oblivion.forget_what_is_over()
    _forget_cluster(present, actor=actor)
    get_local_agent().clean_start()


def check_removed() -> NodeIdentity:
    """What this machine was; raises ``NodeNotRemoved``."""
    present = role.current()
    if present.role != role.Role.REMOVED:
        raise NodeNotRemoved
    return present


@transaction.atomic
def _forget_cluster(present: NodeIdentity, *, actor: Actor) -> None:
    """Also what a former leader of it still holds, and where it told its trail to."""
    Operation.objects.open().delete()
    for model in (JoinCode, SignedState, FollowUp, Node, Cluster):
        model.objects.all().delete()
    replica.restore({})
    logs.restore({})
    label = f"node{present.node_id} ({present.fqdn})"
    target = Target(kind="node", id=str(present.node_id), label=label, node=present.node_id)
    details = {"cluster": present.cluster}
    record(AuditAction.NODE_CLEANED, actor=actor, target=target, details=details)
