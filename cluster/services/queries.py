"""Questions about the cluster that every edge asks."""

from cluster.errors import ClusterNotCreated
from cluster.models import Cluster
from nodes.models import Node


def get_cluster() -> Cluster | None:
    """The cluster that this node leads, or None."""
    return Cluster.objects.first()


def require_cluster() -> Cluster:
    """The cluster that this node leads; raises ``ClusterNotCreated``."""
    cluster = get_cluster()
    if cluster is None:
        raise ClusterNotCreated
    return cluster


def lock_cluster() -> Cluster:
    """The same, held until the caller's transaction ends: membership is decided one at a time."""
    cluster = Cluster.objects.select_for_update().first()
    if cluster is None:
        raise ClusterNotCreated
    return cluster


def get_leader() -> Node:
    """This node, as the cluster knows it; raises ``ClusterNotCreated``."""
    leader = Node.objects.filter(role=Node.Role.LEADER).first()
    if leader is None:
        raise ClusterNotCreated
    return leader
