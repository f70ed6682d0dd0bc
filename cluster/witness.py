"""Writes down, once, what this node's agent has learnt about who leads."""

from collections.abc import Mapping

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.bounds import newest_of
from audit.models import AuditEvent, Outcome
from audit.services import record
from cluster.models import Cluster
from nodes import role
from nodes.role import NodeIdentity, Role


def write_down() -> None:
    """Record that this node was deposed, or that others say so, if that is new."""
    present = role.current()
    if present.role == Role.DEPOSED and present.successor is not None:
        _write_down_loss(present)
    elif present.is_contested:
        _write_down_claims(present)


@transaction.atomic
def _write_down_loss(present: NodeIdentity) -> None:
    """One event for each term that this node learns that another leads."""
    cluster = Cluster.objects.select_for_update().get()
    successor = dict(present.successor or {})
    details = {"term": successor["term"], "own_term": cluster.term}
    if not _is_last(AuditAction.LEADERSHIP_LOST, details):
        label = f"node{successor['id']} ({successor['fqdn']})"
        target = Target(kind="node", id=str(successor["id"]), label=label, node=successor["id"])
        record(AuditAction.LEADERSHIP_LOST, actor=Actor.system(), target=target, details=details)


@transaction.atomic
def _write_down_claims(present: NodeIdentity) -> None:
    """One event for each set of claims: they name who says what."""
    cluster = Cluster.objects.select_for_update().get()
    claims = sorted((dict(claim) for claim in present.contested), key=lambda c: c["node_id"])
    details = {"own_term": cluster.term, "claims": claims}
    if _is_last(AuditAction.LEADERSHIP_CONTESTED, details):
        return
    label = ", ".join(f"node{claim['node_id']}" for claim in claims)
    record(
        AuditAction.LEADERSHIP_CONTESTED,
        actor=Actor.system(),
        target=Target(kind="nodes", id=label[:64], label=label),
        outcome=Outcome.DENIED,
        details=details,
    )


def _is_last(action: AuditAction, details: Mapping[str, object]) -> bool:
    """Whether the newest event of that kind says the same."""
    newest = AuditEvent.objects.filter(id=newest_of(action) or 0)
    last = newest.values_list("details", flat=True).first()
    return last is not None and all(last.get(name) == value for name, value in details.items())
