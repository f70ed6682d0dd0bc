"""The beginning of a term on the node that leads it: told once, whoever comes to tell it."""

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import AuditEvent
from audit.services import record
from cluster.models import Cluster


@transaction.atomic
def record_taken(*, actor: Actor, reason: str) -> None:
    """Have the trail say that this node began to lead its term, and what it builds on (S29)."""
    cluster = Cluster.objects.select_for_update().get()
    if not _is_recorded(cluster):
        record(
            AuditAction.LEADERSHIP_TAKEN,
            actor=actor,
            target=cluster.audit_target,
            details={"term": cluster.term, "built_on": cluster.built_on, "reason": reason},
            term=cluster.term,
        )


def _is_recorded(cluster: Cluster) -> bool:
    taken = AuditEvent.objects.filter(action=AuditAction.LEADERSHIP_TAKEN)
    return taken.filter(target_id=str(cluster.uuid), term=cluster.term).exists()
