"""Verifying the whole chain, and naming the first event that does not fit."""

import time
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from audit import reasons
from audit.chain import GENESIS, HASHED, VERSION, digest_bytes, link_bytes
from audit.models import AuditEvent, AuditHead
from audit.stored import HASH, NAMES, TIME, StoredEvent, stored_events

CHUNK = 2000
"""Events between two looks at the clock."""
DIGEST = NAMES.index("details_digest")


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
    checked, previous, last_time = after.checked, after.hash, b""
    problem: Problem | None = None
    for event in stored_events(after=after.checked, last=head.last_id):
        problem = _check(event, number=checked + 1, previous=previous, last_time=last_time)
        if problem is not None:
            break
        checked, previous, last_time = checked + 1, event[HASH], event[TIME]
        if until is not None and checked % CHUNK == 0 and time.monotonic() > until:
            return Report(started, checked, head.last_hash, None, Place(checked, previous))
    problem = problem or _check_end(head, checked=checked, previous=previous)
    return Report(started, checked, head.last_hash, problem)


def _read_head() -> AuditHead:
    return AuditHead.objects.first() or AuditHead()


def _check(event: StoredEvent, *, number: int, previous: str, last_time: bytes) -> Problem | None:
    version, own_hash, salt, details, *fields = event
    if int(fields[0]) != number:
        return Problem(number, reasons.MISSING)
    if fields[1] <= last_time:
        return Problem(number, reasons.NOT_LATER)
    if not _is_digest(fields[DIGEST], details, salt=salt):
        return Problem(number, reasons.OTHER_DETAILS)
    hashed = fields if version == VERSION else fields[: len(HASHED.get(version, NAMES))]
    if link_bytes(hashed, version=version, previous=previous) != own_hash:
        return Problem(number, reasons.OTHER_EVENT)
    return None


def _is_digest(digest: bytes, details: bytes, *, salt: str) -> bool:
    try:
        return digest_bytes(details, salt=salt).encode() == digest
    except ValueError:  # the salt is no hexadecimal number
        return False


def _check_end(head: AuditHead, *, checked: int, previous: str) -> Problem | None:
    if checked < head.last_id:
        return Problem(checked + 1, reasons.CUT)
    if previous != head.last_hash:
        return Problem(checked, reasons.OTHER_END)
    beyond = AuditEvent.objects.filter(id__gt=_read_head().last_id).order_by("id").first()
    return None if beyond is None else Problem(beyond.pk, reasons.INSERTED)
