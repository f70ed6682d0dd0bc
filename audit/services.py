"""Writing to the trail: inside the transaction of the change itself."""

import secrets
from collections.abc import Mapping
from typing import TypedDict
from uuid import UUID

from django.utils import timezone

from audit import reserve, spill
from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.allowed import only_allowed
from audit.append import append
from audit.canonical import limited
from audit.errors import AuditUnavailable
from audit.models import AuditEvent, AuditHead, Outcome
from audit.redaction import redact, redact_text
from audit.searchable import search_text
from audit.surroundings import current_request, current_term

NOTHING = Target(kind="", id="", label="")


class Head(TypedDict):
    """The end of the chain, as a later leader remembers it."""

    count: int
    hash: str


def record(
    action: AuditAction,
    *,
    actor: Actor,
    target: Target | None = None,
    outcome: Outcome = Outcome.OK,
    operation: UUID | None = None,
    details: Mapping[str, object] | None = None,
    term: int | None = None,
) -> AuditEvent:
    """Append one event, in the caller's transaction (S44); ``term`` is this node's unless said.

    Call it last: other transactions that record wait until this one has ended. Raises
    ``AuditUnavailable``; let it undo the change.
    """
    target = target or NOTHING
    event = AuditEvent(
        term=current_term() if term is None else term,
        user=redact_text(actor.name)[:150],
        user_kind=actor.kind,
        verified=actor.verified,
        action=action,
        outcome=outcome,
        target_kind=target.kind,
        target_id=target.id,
        target_label=redact_text(target.label)[:255],
        node=target.node,
        source=actor.source or "",
        user_agent=redact_text(actor.user_agent)[:256],
        interface=actor.interface,
        request_id=(actor.request_id or current_request())[:64],
        operation=operation,
        details=limited(redact(only_allowed(action, details or {}))),
        details_salt=secrets.token_hex(16),
    )
    event.search_text = search_text(event)
    _write(event)
    return event


def _write(event: AuditEvent) -> None:
    may_wait = spill.may_wait(event)
    if reserve.is_needed():
        _make_room(is_urgent=may_wait)
    if not may_wait:
        append(event)
        return
    try:
        append(event, apart=True)
    except AuditUnavailable:
        spill.set_aside(event, at=timezone.now().isoformat())


def _make_room(*, is_urgent: bool) -> None:
    if not is_urgent:
        raise AuditUnavailable()
    reserve.give_up()


def head() -> Head:
    """How many events this node has ever written, and the hash of the last."""
    found = AuditHead.objects.first() or AuditHead()
    return {"count": found.last_id, "hash": found.last_hash}
