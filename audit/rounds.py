"""The trail is verified again and again without being asked, a little at a time.

A whole round a day, so that whoever changes it is found although nobody looks.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit import alarm
from audit.archived import beginning, find_damage
from audit.models import AuditRound
from audit.surroundings import ask_witnesses
from audit.testimony import find_contradiction
from audit.verification import BEGINNING, Place, Problem, Report, verify

PAUSE = timedelta(days=1)
"""Between two rounds."""


def verify_everything(*, damage: Callable[[], Problem | None] = find_damage) -> Report:
    """Now, and from the first event on, with every node asked what it remembers of the trail;
    what it finds is remembered. ``damage`` looks at the archives.
    """
    ask_witnesses()
    report = _with_all(verify(after=beginning()), damage())
    _conclude(report)
    return report


def begin_round() -> None:
    """Because somebody asks: everything from the first event on, and at once, with every node asked
    what it remembers. The task goes on where ``verify_some`` stops.
    """
    ask_witnesses()
    begun = {"checked": BEGINNING.checked, "hash": BEGINNING.hash, "asked_at": timezone.now()}
    AuditRound.objects.update_or_create(pk=1, defaults=begun)


def verify_some(*, seconds: float) -> bool:
    """Go on with the present round, or begin the next one when it is time; whether the present one
    shall go on at once.
    """
    present = read_round()
    last, is_asked = present.verified_at, present.asked_at is not None
    if not (is_asked or present.checked or last is None or timezone.now() - last >= PAUSE):
        return False
    report = verify(after=_place_of(present), until=time.monotonic() + seconds)
    if report.stopped_at is None:
        _conclude(_with_all(report, find_damage()))
        return False
    place = report.stopped_at
    AuditRound.objects.update_or_create(
        pk=1, defaults={"checked": place.checked, "hash": place.hash}
    )
    return is_asked


def read_round() -> AuditRound:
    """How it stands."""
    return AuditRound.objects.first() or AuditRound()


def _place_of(present: AuditRound) -> Place:
    """Where the round goes on; what was archived meanwhile is not in the table any more."""
    first = beginning()
    return Place(present.checked, present.hash) if present.checked > first.checked else first


def _with_all(report: Report, damage: Problem | None) -> Report:
    """What is in archives comes first; and a chain that fits in itself may still not be the one
    that others remember.
    """
    bad = damage or report.first_bad or find_contradiction()
    checked = report.checked if bad is None else min(report.checked, bad.id - 1)
    return replace(report, first_bad=bad, checked=checked)


@transaction.atomic
def _conclude(report: Report) -> None:
    """Remember the result; a change that was not known yet is an event itself, if one can be."""
    known, bad = read_round().bad_id, report.first_bad
    AuditRound.objects.update_or_create(
        pk=1,
        defaults={
            "checked": BEGINNING.checked,
            "hash": BEGINNING.hash,
            "asked_at": None,
            "verified_at": report.verified_at,
            "fitting": report.checked,
            "bad_id": bad.id if bad else None,
            "bad_reason": bad.reason if bad else "",
        },
    )
    if bad is not None and bad.id != known:
        alarm.tell(bad)
