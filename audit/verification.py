"""Verifying the whole chain, and naming the first event that does not fit."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from audit.chain import GENESIS, HASHED, VERSION, digest, link
from audit.models import AuditEvent, AuditHead

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Problem:
    """The first event that does not fit, and why."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """Between two events: how many are before it, and the hash of the last of them."""

    checked: int
    hash: str


BEGINNING = Place(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found."""

    verified_at: datetime
    checked: int
    head: str
    """Hash of the last event."""
    first_bad: Problem | None
    stopped_at: Place | None = None
    """Set where time was over before the end."""

    @property
    def is_intact(self) -> bool:
        return self.first_bad is None


def verify(*, after: Place = BEGINNING, until: float | None = None) -> Report:
    """Look at every event from the one after ``after`` to the head; appends may go on meanwhile.

    ``until``, on the monotonic clock, ends it earlier.
    """
    started, head = timezone.now(), _read_head()
    checked, previous, last_time = after.checked, after.hash, None
    problem: Problem | None = None
    for row in _rows(after, head):
        problem = _check(row, expected=checked + 1, previous=previous, last_time=last_time)
        if problem is not None:
            break
        checked, previous, last_time = checked + 1, row.hash, row.values[1]
        if until is not None and checked % CHUNK == 0 and time.monotonic() > until:
            return Report(started, checked, head.last_hash, None, Place(checked, previous))
    problem = problem or _check_end(head, checked=checked, previous=previous)
    return Report(started, checked, head.last_hash, problem)


class Row(NamedTuple):
    """What an event's place in the chain depends on; a million of them are read in seconds."""

    version: int
    hash: str
    details: str
    """As it is stored."""
    details_salt: str
    values: tuple[Any, ...]
    """What the newest version hashes, in its order."""


NAMES = HASHED[VERSION]
DIGEST = NAMES.index("details_digest")


def _rows(after: Place, head: AuditHead) -> Iterator[Row]:
    events = AuditEvent.objects.filter(id__gt=after.checked, id__lte=head.last_id).order_by("id")
    stored = Cast("details", TextField())
    rows = events.values_list("version", "hash", stored, "details_salt", *NAMES)
    for version, own_hash, details, salt, *values in rows.iterator(CHUNK):
        yield Row(version, own_hash, details, salt, tuple(values))


def _read_head() -> AuditHead:
    return AuditHead.objects.first() or AuditHead()


def _check(row: Row, *, expected: int, previous: str, last_time: datetime | None) -> Problem | None:
    pk, moment = row.values[:2]
    if pk != expected:
        return Problem(expected, "is missing")
    if last_time is not None and moment <= last_time:
        return Problem(expected, "is not later than the event before it")
    if digest(row.details, salt=row.details_salt) != row.values[DIGEST]:
        return Problem(expected, "has other details than were recorded")
    hashed = row.values[: len(HASHED.get(row.version, NAMES))]
    if link(hashed, version=row.version, previous=previous) != row.hash:
        return Problem(expected, "is not what was recorded after the event before it")
    return None


def _check_end(head: AuditHead, *, checked: int, previous: str) -> Problem | None:
    if checked < head.last_id:
        return Problem(checked + 1, "is missing at the end of the trail")
    if previous != head.last_hash:
        return Problem(checked, "is not the one that the trail ended with")
    beyond = AuditEvent.objects.filter(id__gt=_read_head().last_id).order_by("id").first()
    return None if beyond is None else Problem(beyond.pk, "was inserted after the trail's end")
