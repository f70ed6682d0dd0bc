"""What is told when the trail turns out to be changed: an event, and a banner on its page."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.errors import AuditUnavailable
from audit.models import AuditRound, Outcome
from audit.services import record
from audit.verification import Problem


@transaction.atomic
def sound(problem: Problem | None) -> None:
    """Show the problem until a whole verification finds none; tell it once."""
    known = AuditRound.objects.values_list("bad_id", flat=True).first()
    if problem is None or problem.id == known:
        return
    shown = {"bad_id": problem.id, "bad_reason": problem.reason, "verified_at": timezone.now()}
    AuditRound.objects.update_or_create(pk=1, defaults=shown)
    tell(problem)


def tell(problem: Problem) -> None:
    """As an event, if one can be written."""
    with suppress(AuditUnavailable), transaction.atomic():
        record(
            AuditAction.AUDIT_BROKEN,
            actor=Actor.system(),
            outcome=Outcome.FAILED,
            details={"event": problem.id, "reason": problem.reason},
        )
