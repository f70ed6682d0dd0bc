"""Writing to the trail: inside the transaction of the change itself."""

import secrets
from collections.abc import Mapping
from uuid import UUID

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.append import append
from audit.canonical import canonical_json, fold, leaves, limited
from audit.models import AuditEvent, Outcome
from audit.redaction import redact, redact_text

NOTHING = Target(kind="", id="", label="")


def record(
    action: AuditAction,
    *,
    actor: Actor,
    target: Target | None = None,
    outcome: Outcome = Outcome.OK,
    operation: UUID | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Append one event, in the caller's transaction (S44).

    Call it last: other transactions that record wait until this one has ended. Raises
    ``AuditUnavailable``; let it undo the change.
    """
    target = target or NOTHING
    event = AuditEvent(
        user=redact_text(actor.name)[:150],
        user_kind=actor.kind,
        action=action,
        outcome=outcome,
        target_kind=target.kind,
        target_id=target.id,
        target_label=redact_text(target.label)[:255],
        node=target.node,
        source=actor.source or "",
        user_agent=redact_text(actor.user_agent)[:256],
        interface=actor.interface,
        request_id=actor.request_id[:64],
        operation=operation,
        details=limited(redact(details or {})),
        details_salt=secrets.token_hex(16),
    )
    event.search_text = search_text(event)
    append(event)
    return event


def search_text(event: AuditEvent) -> str:
    """What a search looks through, a line for each part, folded as the term will be."""
    target = (event.target_kind, event.target_id, event.target_label)
    parts = (event.sentence, event.user, *target, event.source, canonical_json(event.details))
    return fold("\n".join((*parts, *leaves(event.details))))
