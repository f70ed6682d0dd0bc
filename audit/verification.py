"""Verifying the whole chain, and naming the first event that does not fit."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from audit.chain import GENESIS, details_digest, event_hash
from audit.models import AuditEvent, AuditHead

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Problem:
    """The first event that does not fit, and why."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found."""

    verified_at: datetime
    checked: int
    head: str
    """Hash of the last event."""
    first_bad: Problem | None

    @property
    def is_intact(self) -> bool:
        return self.first_bad is None


def verify() -> Report:
    """Look at every event, from the first to the head; appends may go on meanwhile."""
    started = timezone.now()
    head = _read_head()
    checked, previous, last_time = 0, GENESIS, None
    problem: Problem | None = None
    events = AuditEvent.objects.filter(id__lte=head.last_id).order_by("id")
    for event in events.defer("search_text").iterator(chunk_size=CHUNK):
        problem = _check(event, expected=checked + 1, previous=previous, last_time=last_time)
        if problem is not None:
            break
        checked, previous, last_time = checked + 1, event.hash, event.time
    problem = problem or _check_end(head, checked=checked, previous=previous)
    return Report(started, checked, head.last_hash, problem)


def _read_head() -> AuditHead:
    return AuditHead.objects.first() or AuditHead()


def _check(
    event: AuditEvent, *, expected: int, previous: str, last_time: datetime | None
) -> Problem | None:
    if event.pk != expected:
        return Problem(expected, "is missing")
    if last_time is not None and event.time <= last_time:
        return Problem(expected, "is not later than the event before it")
    if details_digest(event) != event.details_digest:
        return Problem(expected, "has other details than were recorded")
    if event_hash(event, previous=previous) != event.hash:
        return Problem(expected, "is not what was recorded after the event before it")
    return None


def _check_end(head: AuditHead, *, checked: int, previous: str) -> Problem | None:
    if checked < head.last_id:
        return Problem(checked + 1, "is missing at the end of the trail")
    if previous != head.last_hash:
        return Problem(checked, "is not the one that the trail ended with")
    beyond = AuditEvent.objects.filter(id__gt=_read_head().last_id).order_by("id").first()
    return None if beyond is None else Problem(beyond.pk, "was inserted after the trail's end")
