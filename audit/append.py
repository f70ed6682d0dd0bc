"""Appending to the chain: one after the other, in the caller's transaction."""

from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.chain import details_digest, event_hash
from audit.errors import AuditUnavailable
from audit.models import AuditEvent, AuditHead

TICK = timedelta(microseconds=1)
NOTABLE = timedelta(seconds=1)
"""A clock that goes back by more is noted in the event."""


def append(event: AuditEvent) -> None:
    """Give ``event`` its id, time and hash, and insert it; raises ``AuditUnavailable``.

    PostgreSQL waits at the head's row until the transaction before has ended; SQLite has waited
    at BEGIN.
    """
    try:
        with transaction.atomic():
            head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1)
            _link(event, head)
            event.save()
            head.last_id, head.last_time, head.last_hash = event.pk, event.time, event.hash
            head.save(update_fields=["last_id", "last_time", "last_hash"])
    except DatabaseError as error:
        raise AuditUnavailable() from error


def _link(event: AuditEvent, head: AuditHead) -> None:
    event.pk = head.last_id + 1
    event.time = _time_after(head.last_time, event)
    event.details_digest = details_digest(event)
    event.hash = event_hash(event, previous=head.last_hash)


def _time_after(last: datetime | None, event: AuditEvent) -> datetime:
    now = timezone.now()
    if last is None or now > last:
        return now
    if last - now > NOTABLE:
        behind = (last - now).total_seconds()
        event.details = {**event.details, "clock_went_back_seconds": round(behind, 3)}
    return last + TICK
