"""How long events stay in the table: decided by people, and what follows from it now."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Avg
from django.db.models.functions import Length
from django.utils import timezone

from audit import replica
from audit.actions import AuditAction
from audit.actor import Actor
from audit.archived import archived_until
from audit.bounds import Bounds
from audit.errors import RetentionInvalid
from audit.models import AuditEvent, AuditHead, Forwarding, ForwardingPlace, Retention
from audit.services import record

LONGEST_DAYS, MOST_MEGABYTES = 36_500, 1_000_000
ROW_BYTES = 900
"""Of one event with its indexes, beside its details and the text that is searched."""
SAMPLE = 1_000
ROOM = 0.9
"""What is archived for its size leaves so much of what is allowed, so that it is not every time."""
MEGABYTE = 1_000_000


def get_retention() -> Retention:
    """As it was decided; without a decision everything stays."""
    return Retention.objects.first() or Retention()


@transaction.atomic
def change_retention(*, actor: Actor, days: int | None, megabytes: int | None) -> Retention:
    """Decide what moves into archives; None for no limit. Raises ``RetentionInvalid``."""
    _check(days, most=LONGEST_DAYS, field="days")
    _check(megabytes, most=MOST_MEGABYTES, field="megabytes")
    before = get_retention()
    wanted: dict[str, int | None] = {"days": days, "megabytes": megabytes}
    was = {name: getattr(before, name) for name in wanted}
    if was != wanted:
        Retention.objects.update_or_create(pk=1, defaults=wanted)
        replica.changed()
        details = {"before": was, "after": wanted}
        record(AuditAction.AUDIT_RETENTION_CHANGED, actor=actor, details=details)
    return get_retention()


def last_due() -> int:
    """Id of the last event that has stayed long enough; 0 for none.

    The newest event stays, and whatever a syslog receiver has yet to be sent.
    """
    retention = get_retention()
    due = max(_last_beyond_age(retention.days), _last_beyond_size(retention.megabytes))
    head = AuditHead.objects.first() or AuditHead()
    last = min(due, head.last_id - 1, _last_forwarded(head))
    return last if last > archived_until() else 0


def measure() -> float:
    """Megabytes that the events in the table take, about."""
    head = AuditHead.objects.first() or AuditHead()
    return (head.last_id - archived_until()) * _bytes_each() / MEGABYTE


def _check(number: int | None, *, most: int, field: str) -> None:
    if number is not None and not 1 <= number <= most:
        raise RetentionInvalid(field=field, most=most)


def _last_beyond_age(days: int | None) -> int:
    if days is None:
        return 0
    before = timezone.now() - timedelta(days=days)
    head = AuditHead.objects.first() or AuditHead()
    return Bounds(archived_until() + 1, head.last_id).since(before) - 1


def _last_beyond_size(megabytes: int | None) -> int:
    if megabytes is None or measure() <= megabytes:
        return 0
    head = AuditHead.objects.first() or AuditHead()
    staying = int(megabytes * MEGABYTE * ROOM / _bytes_each())
    return head.last_id - staying


def _bytes_each() -> float:
    """By the newest."""
    newest = AuditEvent.objects.order_by("-id")[:SAMPLE]
    sizes = newest.annotate(size=Length("details") + Length("search_text"))
    return ROW_BYTES + float(sizes.aggregate(mean=Avg("size"))["mean"] or 0)


def _last_forwarded(head: AuditHead) -> int:
    if not Forwarding.objects.exists():
        return head.last_id
    return ForwardingPlace.objects.values_list("again_after", flat=True).first() or 0
