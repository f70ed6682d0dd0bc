"""Sending what the receiver has not taken yet, in order, in batches."""

import time
from collections.abc import Iterable

import structlog

from audit.forwarding import line
from audit.forwarding.errors import ReceiverFailed
from audit.forwarding.message import format_checkpoint, format_event, frame
from audit.forwarding.place import (
    begin_with_term,
    claim,
    count_behind,
    note_checkpoint,
    note_failure,
    note_taken,
    release,
)
from audit.forwarding.receiver import Receiver
from audit.models import AuditEvent, Checkpoint, Forwarding, ForwardingPlace
from audit.surroundings import custodian

BATCH = 200
log = structlog.get_logger(__name__)


def forward(*, seconds: float) -> bool:
    """For so long; returns whether there is more that could be sent now."""
    row = Forwarding.objects.first()
    if row is None or not _is_something_to_send():
        return False
    place = claim()
    return place is not None and _forward(Receiver.of(row), place, seconds=seconds)


def _is_something_to_send() -> bool:
    place = ForwardingPlace.objects.first()
    if place is None:
        begin_with_term()
        place = ForwardingPlace.objects.first()
    return place is not None and (count_behind(place) > 0 or bool(_checkpoints(place)))


def _forward(receiver: Receiver, place: ForwardingPlace, *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while events := _following(place):
        try:
            is_sealed = _send(receiver, place, map(format_event, events))
        except ReceiverFailed as failure:
            _note_failure(place, failure)
            return False
        if not note_taken(place, events[-1].pk, is_sealed=is_sealed):
            return False
        if time.monotonic() > until:
            break
    _send_checkpoints(receiver, place)
    return bool(events)


def _send(receiver: Receiver, place: ForwardingPlace, messages: Iterable[bytes]) -> bool:
    data = b"".join(map(frame, messages))
    return line.send(receiver, data, demand_sealed=place.is_sealed)


def _send_checkpoints(receiver: Receiver, place: ForwardingPlace) -> None:
    """Signed ends of the trail, behind the events that they are about."""
    if checkpoints := _checkpoints(place):
        try:
            _send(receiver, place, map(format_checkpoint, checkpoints))
        except ReceiverFailed as failure:
            _note_failure(place, failure)
            return
        note_checkpoint(place, checkpoints[-1].pk)
    release(place)


def _checkpoints(place: ForwardingPlace) -> list[Checkpoint]:
    """Those that the receiver lacks, of events that it has."""
    lacking = Checkpoint.objects.filter(pk__gt=place.checkpoint, count__lte=place.taken)
    return list(lacking.filter(trail=custodian().trail).order_by("pk")[:BATCH])


def _following(place: ForwardingPlace) -> list[AuditEvent]:
    """The next batch, oldest first."""
    after = AuditEvent.objects.filter(pk__gt=place.taken).order_by("pk")
    return list(after.defer("search_text", "details_salt")[:BATCH])


def _note_failure(place: ForwardingPlace, failure: ReceiverFailed) -> None:
    if place.failures == 0:
        log.warning("syslog_receiver_away", code=failure.code, error=failure.detail)
    note_failure(place, failure)
