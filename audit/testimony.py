"""What the nodes remember of this trail, against what it says now.

The chain alone cannot tell that its end was cut off, that it was written anew from some event on,
or that it is an old copy. Whoever remembers a later end, or another event, can.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from audit import reasons
from audit.actions import AuditAction
from audit.archived import archived_until
from audit.canonical import canonical_json
from audit.fields import Digits
from audit.models import (
    Acknowledgement,
    Archive,
    AuditEvent,
    AuditHead,
    Checkpoint,
    WitnessStatement,
)
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


def plain(memories: Iterable[Memory]) -> list[list[object]]:
    """Event and hash of each, whoever remembers it."""
    return [list(each) for each in sorted({(one.event, one.hash) for one in memories})]


def digest_of(memories: list[list[object]]) -> str:
    """Of what ``plain`` makes of memories."""
    return sha256(canonical_json(memories).encode()).hexdigest()


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
        note(custodian().trail, label=_("This machine"), told=told, everything=True)


def keep_only(witnesses: Iterable[int]) -> None:
    """Forget what nodes said that are no members any more."""
    WitnessStatement.objects.exclude(pk__in=[*witnesses, custodian().trail]).delete()


def find_contradiction() -> Problem | None:
    """The first event that somebody remembers otherwise, or remembers and that is not there."""
    found = contradictions(most_own=1)
    if not found:
        return None
    first, head = found[0], AuditHead.objects.first() or AuditHead()
    is_cut = first.event > head.last_id
    reason = reasons.REMEMBERED if is_cut else reasons.REMEMBERED_OTHERWISE
    return Problem(first.event, reason.format(who=first.who, time=first.time))


def contradictions(*, most_own: int | None = None) -> list[Memory]:
    """Everything that somebody remembers, that does not fit, and that nobody has acknowledged, by
    event; of the checkpoints in this database at most so many.
    """
    head, known = AuditHead.objects.first() or AuditHead(), _acknowledged()
    own = (one for one in _own_contradictions() if (one.event, one.hash) not in known)
    memories = sorted({*_memories(), *islice(own, most_own)})
    ours = _hashes({memory.event for memory in memories})
    return [
        memory
        for memory in memories
        if (memory.event, memory.hash) not in known
        and (memory.event > head.last_id or ours.get(memory.event, memory.hash) != memory.hash)
    ]


def _acknowledged() -> set[tuple[int, str]]:
    """What an event says is known: one that is in the trail, or was before an archive took it."""
    rows = Acknowledgement.objects.all()
    if not rows:
        return set()
    said = AuditEvent.objects.filter(action=AuditAction.AUDIT_ACKNOWLEDGED)
    digests = {details.get("digest") for details in said.values_list("details", flat=True)}
    archived = archived_until()
    known = [row for row in rows if row.digest in digests or row.made_after < archived]
    fitting = [row.memories for row in known if digest_of(row.memories) == row.digest]
    return {(event, digest) for memories in fitting for event, digest in memories}


def _memories() -> Iterator[Memory]:
    own = custodian().trail
    for row in WitnessStatement.objects.all():
        who = reasons.THIS_MACHINE if row.pk == own else f"node{row.pk}"
        for one in row.checkpoints:
            yield Memory(one["count"], one["hash"], one["time"], who)


def _own_contradictions() -> Iterator[Memory]:
    """Of the checkpoints in this database, only those that do not fit: there may be very many."""
    event = AuditEvent.objects.filter(id=OuterRef("count"))
    stored = event.annotate(digits=Digits("hash")).values("digits")
    unfit = (
        Checkpoint.objects.filter(trail=custodian().trail)
        .annotate(stored=Subquery(stored))
        .exclude(hash=F("stored"))
        .filter(count__gt=archived_until())
        .order_by("count")
    )
    for one in unfit.iterator():
        yield Memory(one.count, one.hash, _shown(one.time), reasons.THIS_MACHINE)


def _hashes(counts: set[int]) -> dict[int, str]:
    """Of the events with these ids that are in the table, or at the end of an archive."""
    archived = Archive.objects.filter(last_id__in=counts).values_list("last_id", "last_hash")
    events = AuditEvent.objects.filter(id__in=counts, id__gt=archived_until())
    return dict(archived) | dict(events.values_list("id", "hash"))


def _plain(one: SignedCheckpoint) -> dict[str, object]:
    return {"count": one.count, "hash": one.hash, "time": _shown(one.time)}


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
