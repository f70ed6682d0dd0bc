"""Restoring a backup on a machine that belongs to no cluster."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.models import Outcome
from audit.services import record
from cluster import identity
from cluster.backup import place
from cluster.backup.jobs import get_jobs
from cluster.errors import ClusterAlreadySet
from cluster.errors.backup import (
    BackupDamaged,
    BackupNotReadable,
    BackupPasswordWrong,
)
from cluster.models import Operation
from cluster.networks import check_overlap
from cluster.replica import SCHEMA
from cluster.services.operations import open_operation
from config.errors import DomainError
from nodes.agent.errors import DocumentError
from nodes.agent.state import State
from nodes.local_agent import AgentStatus, get_local_agent
from nodes.names import parse_endpoint
from nodes.role import Role


@dataclass(frozen=True, slots=True)
class Backup:
    """One that was opened, and holds a cluster that this machine can lead."""

    manifest: Mapping[str, Any]
    document: Mapping[str, Any]
    sealed: Mapping[str, Any]


def request_restore(
    file: Path, *, actor: Actor, password: str, endpoint: str | None = None
) -> Operation:
    """Open the backup, and accept the restoration of what it holds.

    ``endpoint`` is where other nodes will reach this machine's VPN; its own name unless given.
    Raises the error that tells what is wrong with the file, ``BackupPasswordWrong``,
    ``ClusterAlreadySet``, ``EndpointInvalid``, ``VpnNetworkOverlaps``, ``OperationInProgress``,
    ``AgentUnavailable``.
    """
    status = get_local_agent().status()
    _check_free(status)
    wanted = parse_endpoint(endpoint or identity.endpoint(status["fqdn"]))
    operation_id = uuid.uuid4()
    try:
        backup = _open(file, password=password, keep_in=place.restored_by(operation_id))
        _check_network(backup, status)
        return _accept(backup, operation_id, actor=actor, endpoint=wanted)
    except DomainError as error:
        place.clear_restored(operation_id)
        _record_refusal(error, actor=actor)
        raise


def _check_free(status: AgentStatus) -> None:
    if status["role"] != Role.UNINITIALISED:
        raise ClusterAlreadySet(cluster=status["cluster"])


def _open(file: Path, *, password: str, keep_in: Path) -> Backup:
    try:
        file.stat()
    except OSError as error:
        raise BackupNotReadable(field="file", problem=f"{error.strerror}.") from None
    if not password:
        raise BackupPasswordWrong(field="password")
    order = {"source": str(file), "password": password, "folder": str(keep_in)}
    opened = get_jobs().ask("unseal", order, folder=keep_in)
    if not opened["attached"]:
        place.clear_restored(uuid.UUID(keep_in.name))
    backup = Backup(opened["manifest"], opened["document"], opened["sealed"])
    _check_content(backup)
    return backup


def _check_content(backup: Backup) -> None:
    """Whoever made it had the password; it is checked all the same, before anything is changed."""
    try:
        State.parse(backup.document)
        is_known = backup.sealed["schema"] == SCHEMA
        has_accounts = bool(backup.sealed["accounts"]["administrators"])
        is_numbered = int(backup.sealed["cluster"]["next_node_id"]) > 0
    except (DocumentError, KeyError, TypeError, ValueError) as error:
        raise BackupDamaged(field="file", problem=f"{error}.") from None
    if not (is_known and has_accounts and is_numbered):
        raise BackupDamaged(field="file", problem="its state is incomplete.")


def _check_network(backup: Backup, status: AgentStatus) -> None:
    network = IPv4Network(backup.document["cluster"]["vpn_network"])
    check_overlap(network, status["networks"], owner="this machine")


@transaction.atomic
def _accept(backup: Backup, operation_id: uuid.UUID, *, actor: Actor, endpoint: str) -> Operation:
    parameters = _describe(backup) | {"endpoint": endpoint}
    operation = open_operation(
        Operation.Kind.RESTORE,
        actor=actor,
        parameters=parameters,
        secret={"document": backup.document, "sealed": backup.sealed},
        operation_id=operation_id,
    )
    record(
        AuditAction.CLUSTER_RESTORE_REQUESTED,
        actor=actor,
        target=Target(kind="cluster", id=parameters["uuid"], label=parameters["label"]),
        operation=operation.pk,
        details=parameters,
    )
    return operation


def _describe(backup: Backup) -> dict[str, Any]:
    """What people shall know of the backup."""
    cluster, manifest = backup.document["cluster"], backup.manifest
    return {
        "uuid": cluster["uuid"],
        "label": cluster["label"],
        "term": backup.document["term"],
        "generation": backup.document["generation"],
        "made_at": str(manifest.get("made_at", "")),
        "made_on": _name_of(manifest.get("node")),
    }


def _name_of(node: object) -> str:
    return str(node.get("fqdn", "")) if isinstance(node, dict) else ""


def _record_refusal(error: DomainError, *, actor: Actor) -> None:
    record(
        AuditAction.CLUSTER_RESTORE_REFUSED,
        actor=actor,
        outcome=Outcome.DENIED,
        details={"code": error.code, "detail": error.detail},
    )
