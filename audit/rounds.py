"""The trail is verified again and again without being asked, a little at a time.

A whole round a day, so that whoever changes it is found although nobody looks.
"""

import time
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.errors import AuditUnavailable
from audit.models import AuditRound, Outcome
from audit.services import record
from audit.verification import BEGINNING, Place, Report, verify

PAUSE = timedelta(days=1)
"""Between two rounds."""


def verify_everything() -> Report:
    """Now, and from the first event on; what it finds is remembered."""
    report = verify()
    _conclude(report)
    return report


def verify_some(*, seconds: float) -> None:
    """Go on with the present round, or begin the next one when it is time."""
    present = read_round()
    last = present.verified_at
    if present.checked == 0 and last is not None and timezone.now() - last < PAUSE:
        return
    report = verify(after=Place(present.checked, present.hash), until=time.monotonic() + seconds)
    if report.stopped_at is None:
        _conclude(report)
    else:
        place = report.stopped_at
        AuditRound.objects.update_or_create(
            pk=1, defaults={"checked": place.checked, "hash": place.hash}
        )


def read_round() -> AuditRound:
    """How it stands."""
    return AuditRound.objects.first() or AuditRound()


@transaction.atomic
def _conclude(report: Report) -> None:
    """Remember the result; a change that was not known yet is an event itself, if one can be."""
    known, bad = read_round().bad_id, report.first_bad
    AuditRound.objects.update_or_create(
        pk=1,
        defaults={
            "checked": BEGINNING.checked,
            "hash": BEGINNING.hash,
            "verified_at": report.verified_at,
            "fitting": report.checked,
            "bad_id": bad.id if bad else None,
            "bad_reason": bad.reason if bad else "",
        },
    )
    if bad is not None and bad.id != known:
        with suppress(AuditUnavailable), transaction.atomic():
            record(
                AuditAction.AUDIT_BROKEN,
                actor=Actor.system(),
                outcome=Outcome.FAILED,
                details={"event": bad.id, "reason": bad.reason},
            )
