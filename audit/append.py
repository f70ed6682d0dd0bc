"""Appending to the chain: one after the other, in the caller's transaction.

By plain SQL, because every change that people make waits for it.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from audit.chain import details_digest, event_hash
from audit.errors import AuditUnavailable
from audit.models import AuditEvent, AuditHead

TICK = timedelta(microseconds=1)
NOTABLE = timedelta(seconds=1)
"""A clock that goes back by more is noted in the event."""
READ = "SELECT last_id, last_time, last_hash FROM audit_audithead WHERE id = 1"
MOVE = "UPDATE audit_audithead SET last_id = %s, last_time = %s, last_hash = %s WHERE id = 1"
FIELDS = AuditEvent._meta.concrete_fields


def append(event: AuditEvent, *, apart: bool = False) -> None:
    """Give ``event`` its id, time and hash, and insert it; raises ``AuditUnavailable``.

    PostgreSQL waits at the head's row until the transaction before has ended; SQLite has waited
    at BEGIN. A failure undoes the caller's whole transaction, unless the event stands ``apart``.
    """
    try:
        with transaction.atomic(savepoint=apart), connection.cursor() as cursor:
            _link(event, _read_end(cursor))
            values = [f.get_db_prep_save(getattr(event, f.attname), connection) for f in FIELDS]
            cursor.execute(_insertion(), values)
            time = connection.ops.adapt_datetimefield_value(event.time)
            cursor.execute(MOVE, [event.pk, time, event.hash])
    except DatabaseError as error:
        raise AuditUnavailable() from error
    event._state.adding = False


@cache
def _insertion() -> str:
    names = ", ".join(connection.ops.quote_name(field.attname) for field in FIELDS)
    places = ", ".join(["%s"] * len(FIELDS))
    return f"INSERT INTO audit_auditevent ({names}) VALUES ({places})"  # noqa: S608  # our own names


class End(NamedTuple):
    """Of the chain."""

    id: int
    time: datetime | None
    hash: str


def _read_end(cursor: CursorWrapper) -> End:
    """Locked; the first append of all makes the row."""
    statement = f"{READ} FOR UPDATE" if connection.features.has_select_for_update else READ
    cursor.execute(statement)
    row = cursor.fetchone()
    if row is None:
        head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1)
        row = head.last_id, head.last_time, head.last_hash
    last_id, last_time, last_hash = row
    return End(last_id, _as_time(last_time), last_hash)


def _as_time(stored: datetime | None) -> datetime | None:
    """SQLite keeps no zone."""
    return stored.replace(tzinfo=UTC) if stored and stored.tzinfo is None else stored


def _link(event: AuditEvent, end: End) -> None:
    event.pk = end.id + 1
    event.time = _time_after(end.time, event)
    event.details_digest = details_digest(event)
    event.hash = event_hash(event, previous=end.hash)


def _time_after(last: datetime | None, event: AuditEvent) -> datetime:
    now = timezone.now()
    if last is None or now > last:
        return now
    if last - now > NOTABLE:
        behind = (last - now).total_seconds()
        event.details = {**event.details, "clock_went_back_seconds": round(behind, 3)}
    return last + TICK
