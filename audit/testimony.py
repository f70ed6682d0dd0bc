"""What the nodes remember of this trail, against what it says now.

The chain alone cannot tell that its end was cut off, that it was written anew from some event on,
or that it is an old copy. Whoever remembers a later end, or another event, can.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from audit.archived import archived_until
from audit.models import Archive, AuditEvent, AuditHead, Checkpoint, WitnessStatement
from audit.surroundings import SignedCheckpoint, custodian
from audit.verification import Problem
from config.errors import DomainError

MOST = 400
"""Checkpoints that are kept of one witness."""


class Memory(NamedTuple):
    """One checkpoint that somebody remembers."""

    event: int
    hash: str
    time: str
    who: str


def note(
    witness: int,
    *,
    label: str,
    told: Sequence[SignedCheckpoint],
    everything: bool,
    refusal: str | None = None,
    heard_at: datetime | None = None,
) -> None:
    """Keep what a node says; ``everything`` replaces what it said before. ``refusal`` is why it did
    not take the last checkpoint, or empty; None where it was given none.
    """
    heard_at = heard_at or timezone.now()
    before = WitnessStatement.objects.filter(pk=witness).first()
    kept = {} if before is None or everything else {one["count"]: one for one in before.checkpoints}
    kept |= {one.count: _plain(one) for one in told}
    newest = told[-1] if told else None
    asked = heard_at if everything else getattr(before, "asked_all_at", None)
    WitnessStatement.objects.update_or_create(
        pk=witness,
        defaults={
            "label": label,
            "heard_at": heard_at,
            "asked_all_at": asked,
            "count": newest.count if newest else 0,
            "time": newest.time if newest else None,
            "checkpoints": [kept[count] for count in sorted(kept)][-MOST:],
            "refusal": getattr(before, "refusal", "") if refusal is None else refusal,
        },
    )


def note_own() -> None:
    """What this machine remembers itself, beside its database; nothing where nobody can tell."""
    try:
        told = custodian().own_checkpoints()
    except DomainError:
        return
    if told:
        note(custodian().trail, label="This machine", told=told, everything=True)


def keep_only(witnesses: Iterable[int]) -> None:
    """Forget what nodes said that are no members any more."""
    WitnessStatement.objects.exclude(pk__in=[*witnesses, custodian().trail]).delete()


def find_contradiction() -> Problem | None:
    """The first event that somebody remembers otherwise, or remembers and that is not there."""
    head = AuditHead.objects.first() or AuditHead()
    memories = sorted({*_memories(), *_own_contradictions()})
    ours = _hashes({memory.event for memory in memories})
    for memory in memories:
        if memory.event > head.last_id:
            said = f"{memory.who} remembers it, {memory.time}"
            return Problem(memory.event, f"is missing: {said}. The trail ends before it")
        if memory.event in ours and ours[memory.event] != memory.hash:
            return Problem(
                memory.event, f"is not the one of {memory.time} that {memory.who} remembers"
            )
    return None


def _memories() -> Iterator[Memory]:
    own = custodian().trail
    for row in WitnessStatement.objects.all():
        who = "this machine" if row.pk == own else f"node{row.pk}"
        for one in row.checkpoints:
            yield Memory(one["count"], one["hash"], one["time"], who)


def _own_contradictions() -> Iterator[Memory]:
    """Of the checkpoints in this database, only those that do not fit: there may be very many."""
    stored = AuditEvent.objects.filter(id=OuterRef("count")).values("hash")
    unfit = (
        Checkpoint.objects.filter(trail=custodian().trail)
        .annotate(stored=Subquery(stored))
        .exclude(hash=F("stored"))
        .filter(count__gt=archived_until())
        .order_by("count")
    )
    for one in unfit[:1]:
        yield Memory(one.count, one.hash, _shown(one.time), "this machine")


def _hashes(counts: set[int]) -> dict[int, str]:
    """Of the events with these ids that are in the table, or at the end of an archive."""
    archived = Archive.objects.filter(last_id__in=counts).values_list("last_id", "last_hash")
    events = AuditEvent.objects.filter(id__in=counts, id__gt=archived_until())
    return dict(archived) | dict(events.values_list("id", "hash"))


def _plain(one: SignedCheckpoint) -> dict[str, object]:
    return {"count": one.count, "hash": one.hash, "time": _shown(one.time)}


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
