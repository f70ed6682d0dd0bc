"""What root did on a node: its agent brings it with a sync, for the leader's audit trail (S41)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor, ActorKind, Interface, Target
from audit.models import AuditEvent
from audit.services import record
from cluster.follow_ups import note
from cluster.freeze import is_frozen
from cluster.models import FollowUp
from nodes import role
from nodes.models import Node
from nodes.services.callers import Caller

FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Deed:
    """Root's word on a node; ``node_id`` is whom it shall follow, ``at`` its own clock."""

    id: str
    at: str
    by: str
    verb: str
    node_id: int
    late_changes: int = 0
    """How much was changed there too late, if the node led before."""


@transaction.atomic
def record_deeds(caller: Caller, told: Sequence[Deed], *, source: str | None) -> tuple[str, ...]:
    """Record each of them once; returns the ids that the node may forget.

    A verb of a later version is nothing that this one could record. While leadership moves, or is
    in doubt, the node keeps them all, and brings them again.
    """
    if is_frozen() or role.current().is_contested:
        return ()
    node = Node.objects.get(pk=caller.id)
    for deed in told:
        if deed.verb == FOLLOW and not _is_recorded(deed):
            _note_late_changes(node, deed)
            _record_approval(node, deed, source=source)
    return tuple(deed.id for deed in told)


def _note_late_changes(node: Node, deed: Deed) -> None:
    """They are not in this cluster, and nothing but a person can tell which of them are wanted."""
    if deed.late_changes:
        note(
            FollowUp.Kind.LATE_WRITES,
            subject=f"node{node.pk}",
            detail=f"{node} led until it learnt that it had been replaced. {deed.late_changes} "
            "changes were made there too late, and are not in this cluster. They are listed in "
            "late-writes.jsonl, below kept in its state directory; make again here what is wanted.",
            node=node.pk,
        )


def _is_recorded(deed: Deed) -> bool:
    approved = AuditEvent.objects.filter(action=AuditAction.LEADER_APPROVED)
    return approved.filter(request_id=deed.id).exists()


def _record_approval(node: Node, deed: Deed, *, source: str | None) -> None:
    """In the name of root there: the node's word is worth no more than that, whoever ``by`` is."""
    record(
        AuditAction.LEADER_APPROVED,
        actor=Actor(
            name=f"root@{node.fqdn}"[:150],
            kind=ActorKind.ROOT,
            interface=Interface.COMMAND,
            source=source,
            request_id=deed.id,
        ),
        target=_target_of(deed.node_id),
        details={"on": str(node), "at": deed.at, "by": deed.by},
    )


def _target_of(node_id: int) -> Target:
    """The node that was approved, as far as it is known here."""
    node = Node.objects.filter(pk=node_id).first()
    if node is not None:
        return node.audit_target
    return Target(kind="node", id=str(node_id), label=f"node{node_id}", node=node_id)
