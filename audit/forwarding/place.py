"""How far the receiver has taken the trail: moved by whoever holds the claim, and nobody else."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from audit.actions import AuditAction
from audit.bounds import newest_of
from audit.forwarding.errors import ReceiverFailed
from audit.models import AuditHead, Checkpoint, ForwardingPlace

CLAIM = timedelta(seconds=30)
"""Longer than one batch can take."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=60)
AGAIN_THERE = {
    "away_since": None,
    "failures": 0,
    "retry_at": None,
    "error_code": "",
    "error_detail": "",
}
AT_ONCE = {
    "retry_at": None,
    "claimed_until": None,
    "failures": 0,
    "away_since": None,
    "is_sealed": False,
}


def begin(*, after: int) -> None:
    """Forward what follows the event with this id."""
    ForwardingPlace.objects.update_or_create(pk=1, defaults=_from(after) | AT_ONCE)


def begin_again() -> None:
    """With another receiver, and at once; what is being sent to the last one goes there too."""
    ForwardingPlace.objects.update(**AT_ONCE)


def begin_with_term() -> None:
    """A node that came to lead forwards what it wrote since it leads, or since it did first."""
    last = newest_of(AuditAction.LEADERSHIP_TAKEN)
    if last is not None:
        ForwardingPlace.objects.get_or_create(pk=1, defaults=_from(last - 1))


def claim() -> ForwardingPlace | None:
    """The place, for whoever may send now; None while another does, or it is not time yet."""
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    until = now + CLAIM
    if not ForwardingPlace.objects.filter(free, due).update(claimed_until=until):
        return None
    return ForwardingPlace.objects.filter(claimed_until=until).first()


def release(place: ForwardingPlace) -> None:
    """Let others send."""
    _held(place, claimed_until=None)


def note_taken(place: ForwardingPlace, last: int, *, is_sealed: bool) -> bool:
    """The receiver has read everything up to the event ``last``, and its end was sealed or not;
    False if the claim is lost.
    """
    now = timezone.now()
    return _held(
        place,
        taken=last,
        again_after=place.taken,
        taken_at=now,
        is_sealed=is_sealed,
        **AGAIN_THERE,
        claimed_until=now + CLAIM,
    )


def note_checkpoint(place: ForwardingPlace, last: int) -> bool:
    """The receiver has read the checkpoints up to this row; False if the claim is lost."""
    return _held(place, checkpoint=last, **AGAIN_THERE, claimed_until=timezone.now() + CLAIM)


def note_failure(place: ForwardingPlace, failure: ReceiverFailed) -> None:
    """Try again later, and later still; what it took last may be lost with it, and goes again."""
    now = timezone.now()
    pause = min(FIRST_PAUSE * 2 ** min(place.failures, 10), LONGEST_PAUSE)
    _held(
        place,
        taken=place.again_after,
        away_since=place.away_since or now,
        failures=place.failures + 1,
        retry_at=now + pause,
        error_code=failure.code,
        error_detail=failure.detail[:500],
        claimed_until=None,
    )


def count_behind(place: ForwardingPlace) -> int:
    """How many events wait."""
    end = AuditHead.objects.values_list("last_id", flat=True).first() or 0
    return max(0, end - place.taken)


def _from(after: int) -> dict[str, object]:
    """A place behind the event with this id, and the checkpoints until there."""
    passed = Checkpoint.objects.filter(count__lte=after).values_list("pk", flat=True).first()
    return {"taken": after, "again_after": after, "checkpoint": passed or 0}


def _held(place: ForwardingPlace, **values: object) -> bool:
    """Change the row if it is still claimed by whoever read ``place``."""
    claimed: datetime | None = place.claimed_until
    held = ForwardingPlace.objects.filter(pk=place.pk, claimed_until=claimed)
    is_ours = bool(held.update(**values))
    for name, value in values.items():
        setattr(place, name, value)
    return is_ours
