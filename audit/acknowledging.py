"""Saying "I know" to what others remember of a trail that was rightly replaced by an older copy.

The event that says so holds the digest of what was acknowledged: a row that was put into the
database without it counts for nothing, and whatever else contradicts the trail is an alarm again.
"""

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.errors import ContradictionsChanged, NothingToAcknowledge
from audit.models import Acknowledgement, AuditHead
from audit.services import record
from audit.testimony import contradictions, digest_of, plain


@transaction.atomic
def acknowledge(*, actor: Actor, digest: str = "") -> int:
    """Settle every contradiction that there is now, and no other; returns how many.

    ``digest`` is of those that somebody has seen. Raises ``NothingToAcknowledge``,
    ``ContradictionsChanged``.
    """
    head = AuditHead.objects.select_for_update().first() or AuditHead()
    found = contradictions()
    if not found:
        raise NothingToAcknowledge
    known = digest_of(plain(found))
    if digest not in ("", known):
        raise ContradictionsChanged
    Acknowledgement.objects.get_or_create(
        digest=known, defaults={"memories": plain(found), "made_after": head.last_id}
    )
    details = {
        "contradictions": len(found),
        "first": found[0]._asdict(),
        "last": found[-1]._asdict(),
        "digest": known,
    }
    record(AuditAction.AUDIT_ACKNOWLEDGED, actor=actor, details=details)
    return len(found)
