"""Writing to the trail: inside the transaction of the change itself."""

from collections.abc import Mapping
from uuid import UUID

from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.models import AuditEvent, Outcome


def record(
    action: AuditAction,
    *,
    actor: Actor,
    target: Target | None = None,
    outcome: Outcome = Outcome.OK,
    operation: UUID | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Append one event, in the caller's transaction (S44)."""
    return AuditEvent.objects.create(
        time=timezone.now(),
        user=actor.name,
        user_kind=actor.kind,
        action=action,
        outcome=outcome,
        target_kind=target.kind if target else "",
        target_id=target.id if target else "",
        target_label=target.label if target else "",
        node=target.node if target else None,
        source=actor.source,
        user_agent=actor.user_agent[:256],
        interface=actor.interface,
        request_id=actor.request_id,
        operation=operation,
        details=dict(details or {}),
    )
