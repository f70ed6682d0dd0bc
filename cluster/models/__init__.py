"""The cluster, its signed states, join codes and operations."""

from cluster.models.cluster import Cluster, SignedState
from cluster.models.join_code import JoinCode
from cluster.models.operation import Operation, OperationStep

__all__ = ["Cluster", "JoinCode", "Operation", "OperationStep", "SignedState"]
