"""Removing a node: what would be lost, who may go, and the acceptance of it (S15 to S22)."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster.applications_digest import digest_of
from cluster.errors import NodeNotReachable
from cluster.errors.leaving import ApplicationsChanged, NodeRunsAccountProvider
from cluster.models import Operation
from cluster.services.confirmation import check_confirmation
from cluster.services.operations import open_operation
from cluster.services.queries import lock_cluster
from nodes.errors import NodeIsLeader, NodeStateConflict
from nodes.models import Application, Node
from nodes.models.node import OFFLINE_AFTER

REMOVABLE = (Node.State.ACTIVE, Node.State.REMOVING)
"""A removal that was lost half-way may be asked for again."""
ADVICE = "To remove it all the same, use force: it learns of its removal when it calls again."


@dataclass(frozen=True, slots=True)
class RemovalPreview:
    """What people confirm; ``digest`` says that it was this and nothing else."""

    applications: tuple[Application, ...]
    providers: tuple[Application, ...]
    reachable: bool
    digest: str


def preview_removal(node: Node) -> RemovalPreview:
    """What runs on the node and what stands against its removal (S16, S19).

    Raises ``NodeIsLeader``, ``NodeStateConflict``.
    """
    check_removable(node)
    applications = tuple(Application.objects.filter(node=node))
    is_provider = Application.Role.ACCOUNT_PROVIDER
    return RemovalPreview(
        applications=applications,
        providers=tuple(each for each in applications if each.role == is_provider),
        reachable=is_reachable(node),
        digest=digest_of(node, applications),
    )


@transaction.atomic
def request_removal(
    node: Node, *, actor: Actor, confirmation: str, digest: str, force: bool = False
) -> Operation:
    """Accept the removal of a worker, as ``node3``, with the digest of the list that was shown.

    Raises ``NodeIsLeader``, ``NodeStateConflict``, ``ConfirmationMismatch``,
    ``OperationInProgress``, ``ApplicationsChanged``, ``NodeRunsAccountProvider`` and
    ``NodeNotReachable``; ``force`` passes the last two, for a node that is unreachable.
    """
    lock_cluster()
    node.refresh_from_db()
    check_removable(node)
    check_confirmation(node, confirmation)
    operation = open_operation(Operation.Kind.REMOVE, actor=actor, parameters={}, node=node)
    preview = preview_removal(node)
    _check_preview(node, preview, digest=digest, force=force)
    operation.parameters = _describe(node, preview)
    operation.save(update_fields=["parameters"])
    record(
        AuditAction.NODE_REMOVAL_REQUESTED,
        actor=actor,
        target=node.audit_target,
        operation=operation.pk,
        details=operation.parameters | {"force": force},
    )
    return operation


def check_removable(node: Node) -> None:
    """Raises ``NodeIsLeader`` (S15), ``NodeStateConflict``."""
    if node.role == Node.Role.LEADER:
        raise NodeIsLeader(node=node)
    if node.state not in REMOVABLE:
        raise NodeStateConflict(node=node, state=node.state, target=Node.State.REMOVED)


def is_reachable(node: Node) -> bool:
    """Whether it was heard of lately."""
    last = node.last_contact
    return last is not None and timezone.now() - last < OFFLINE_AFTER


def _check_preview(node: Node, preview: RemovalPreview, *, digest: str, force: bool) -> None:
    if digest != preview.digest:
        raise ApplicationsChanged(node=node)
    is_forced = force and not preview.reachable
    if preview.providers and not is_forced:
        replicas = ", ".join(f"{each.name} ({each.domain})" for each in preview.providers)
        raise NodeRunsAccountProvider(node=node, replicas=replicas)
    if not preview.reachable and not force:
        raise NodeNotReachable(node=node, advice=ADVICE)


def _describe(node: Node, preview: RemovalPreview) -> dict[str, object]:
    return {
        "node_id": node.pk,
        "fqdn": node.fqdn,
        "vpn_address": node.vpn_address,
        "digest": preview.digest,
        "reachable": preview.reachable,
        "applications": [each.name for each in preview.applications],
        "providers": [{"name": each.name, "domain": each.domain} for each in preview.providers],
    }
