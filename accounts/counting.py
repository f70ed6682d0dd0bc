"""One event a minute for each name and address that is refused, with a count."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from accounts.models.refusals import Refusals
from audit.actor import Actor

WINDOW = timedelta(minutes=1)
Kind = TypeVar("Kind", bound=Refusals)


@transaction.atomic
def tell_or_count(
    kind: type[Refusals],
    *,
    actor: Actor,
    tell: Callable[[int], None],
    about: Mapping[str, str] | None = None,
) -> None:
    """``tell`` of one more and those before it, or count it until the minute since the last event
    is over; ``about`` names other fields by which they are told apart.
    """
    now = timezone.now()
    row, is_first = kind._default_manager.select_for_update().get_or_create(
        username=actor.name,
        source=actor.source or "",
        **(about or {}),
        defaults={"since": now, "interface": actor.interface},
    )
    row.more += 1
    if is_first or now - row.since >= WINDOW:
        tell(row.more)
        row.since, row.more = now, 0
    row.save()


def flush(kind: type[Kind], *, tell: Callable[[Kind], None]) -> None:
    """``tell`` of what was counted and is told by no event yet, and forget what is over."""
    over = kind._default_manager.filter(since__lte=timezone.now() - WINDOW)
    for pk in over.values_list("pk", flat=True):
        _flush(kind, pk, tell=tell)


@transaction.atomic
def _flush(kind: type[Kind], pk: int, *, tell: Callable[[Kind], None]) -> None:
    row = kind._default_manager.select_for_update().filter(pk=pk).first()
    if row is None or timezone.now() - row.since < WINDOW:
        return
    if row.more:
        tell(row)
    row.delete()
