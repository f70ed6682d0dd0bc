"""The cluster, its signed states, join codes and operations."""

from cluster.models.application import ApplicationPolicy, InstalledApplication
from cluster.models.backup import BackupDestination, BackupPassword, BackupSettings
from cluster.models.cluster import Cluster, SignedState
from cluster.models.domain import Domain, DomainQuerySet
from cluster.models.follow_up import FollowUp, FollowUpQuerySet
from cluster.models.idempotency import IdempotencyKey
from cluster.models.join_code import JoinCode
from cluster.models.log_forwarding import LogForwarding
from cluster.models.logs import LogSettings
from cluster.models.operation import Operation, OperationStep

__all__ = [
    "ApplicationPolicy",
    "BackupDestination",
    "BackupPassword",
    "BackupSettings",
    "Cluster",
    "Domain",
    "DomainQuerySet",
    "FollowUp",
    "FollowUpQuerySet",
    "IdempotencyKey",
    "InstalledApplication",
    "JoinCode",
    "LogForwarding",
    "LogSettings",
    "Operation",
    "OperationStep",
    "SignedState",
]
