"""Looking into an imported archive: the same questions, in windows of ids, newest first."""

import time

from django.db.models import Q, QuerySet

from audit.archive.importing import as_event
from audit.models import ImportedArchive, ImportedEvent
from audit.search.find import BUDGET, Findings
from audit.search.question import Question

FIRST_WINDOW, LARGEST_WINDOW = 2_000, 64_000
"""Ids."""


def find_imported(
    archive: ImportedArchive, question: Question, *, limit: int, before: int | None = None
) -> Findings:
    """The newest of its events that fit, older than the event ``before``, within the budget."""
    until = time.monotonic() + BUDGET
    events, window = ImportedEvent.objects.filter(archive=archive), FIRST_WINDOW
    low, high = _ends(events, before=before)
    wanted, found = _conditions(question), list[ImportedEvent]()
    while high >= low and len(found) <= limit and time.monotonic() < until:
        bottom = max(low, high - window + 1)
        inside = events.filter(wanted, event_id__gte=bottom, event_id__lte=high)
        found += inside.defer("search_text")[: limit + 1 - len(found)]
        high, window = bottom - 1, min(2 * window, LARGEST_WINDOW)
    return _page(events, found, limit=limit, reached=high + 1, is_complete=high < low)


def _ends(events: QuerySet[ImportedEvent], *, before: int | None) -> tuple[int, int]:
    ids = events.values_list("event_id", flat=True)
    low, high = ids.order_by("event_id").first() or 1, ids.order_by("-event_id").first() or 0
    return low, high if before is None else min(high, before - 1)


def _page(
    events: QuerySet[ImportedEvent],
    found: list[ImportedEvent],
    *,
    limit: int,
    reached: int,
    is_complete: bool,
) -> Findings:
    shown = [as_event(each.row) for each in found[:limit]]
    if len(found) > limit:
        return Findings(shown, shown[-1].pk, None)
    if is_complete:
        return Findings(shown, None, None)
    place = events.filter(event_id__gte=reached).order_by("event_id").first()
    return Findings(shown, reached, place.time if place else None)


def _conditions(question: Question) -> Q:
    wanted = Q()
    for name, values in (
        ("user__in", question.users),
        ("action__in", question.actions),
        ("outcome__in", question.outcomes),
        ("source", question.source),
        ("operation", question.operation),
        ("time__gte", question.since),
        ("time__lte", question.until),
        ("search_text__contains", question.text),
    ):
        wanted &= Q((name, values)) if values else Q()
    return wanted & _is_target(question.target) if question.target else wanted


def _is_target(value: str) -> Q:
    """By id, by label, or by kind and id."""
    kind, _, identifier = value.partition(":")
    either = Q(target_id=value) | Q(target_label=value)
    return either | Q(target_kind=kind, target_id=identifier) if identifier else either
