"""Finding events: newest first, within a budget of time, and never a false "none"."""

import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import connection

from audit.models import AuditEvent
from audit.search import bitmaps, fts, gin, parts
from audit.search.facets import Plan, known_to_indexes, plan, tests
from audit.search.question import Question, Span, span_of
from audit.search.sql import ANY, Condition, among, select_ids
from audit.search.text import TRIGRAM
from audit.search.windows import Cheaper, Look, Search

BUDGET = 0.35
"""Seconds until a first answer, whatever is asked."""
GLANCE = 500
"""So many of the newest events are looked at before any index is asked: common text is there."""
PROBE = 3_000
"""So many are before PostgreSQL's index is, and for a text that is shorter than a trigram."""
WALK = 60_000
"""So many are, if the probe says that these will do."""
CANDIDATES = 256
INDEX_WINDOW = 1_000
"""Small at first: of an index that rules out nothing, so much is enough."""
GIN_SHARE = 0.7
"""Of the time that is left; the rest is for looking row by row, should the index be too slow."""
BITMAPS_SHARE = 0.3
"""Likewise, for several indexes together: with few events they take no time, with many too much."""


@dataclass(frozen=True, slots=True)
class Findings:
    """A page of the answer."""

    events: list[AuditEvent]
    before: int | None
    """Where to go on, if there is more or not all was looked at yet."""
    searched_back_to: datetime | None
    """Set while older events were not looked at, and fewer than a page were found."""


def find(
    question: Question, *, limit: int, before: int | None = None, budget: float = BUDGET
) -> Findings:
    """The newest events that fit, older than the event ``before``."""
    span = span_of(question, before=before)
    if question.is_about_time_only:
        return _find_all(span, limit=limit)
    search = search_ids(question, span, limit=limit + 1, budget=budget)
    ids = search.ids[:limit]
    if len(search.ids) > limit:
        return Findings(_load(ids), ids[-1], None)
    if search.is_complete or search.reached is None:
        return Findings(_load(ids), None, None)
    return Findings(_load(ids), search.reached, _time_at(search.reached))


def _find_all(span: Span, *, limit: int) -> Findings:
    """Nothing is left out, and nothing has to be looked for."""
    within = AuditEvent.objects.defer("search_text").filter(id__range=(span.low, span.high))
    events = list(within.order_by("-id")[: limit + 1])
    before = events[limit - 1].pk if len(events) > limit else None
    return Findings(events[:limit], before, None)


def search_ids(question: Question, span: Span, *, limit: int, budget: float = BUDGET) -> Search:
    """Ids that fit, newest first."""
    search = Search(span, limit, time.monotonic() + budget)
    if not span.size:
        return search
    if connection.vendor == "postgresql":
        _search_by_bitmaps(search, question)
    if search.may_go_on and search.rest.size:
        _search_by_plan(search, question)
    return search


def _search_by_plan(search: Search, question: Question) -> None:
    planned = plan(question, span=search.rest)
    scan = partial(_scan, planned)
    if planned.is_direct:
        search.note(scan(search.rest, search.wanted), reached=search.span.low)
    elif question.text and not planned.is_narrow:
        _search_text(search, question, scan)
    else:
        search.look_back(scan)


def _scan(planned: Plan, span: Span, limit: int) -> list[int]:
    return select_ids(planned.alternatives, planned.tests, span=span, limit=limit)


def _search_text(search: Search, question: Question, scan: Look) -> None:
    if connection.vendor == "postgresql":
        _search_by_gin(search, question, scan)
    else:
        with suppress(sqlite3.Error):  # an index that was deleted or is broken
            _search_by_fts(search, question, scan)
    search.look_back(scan)


def _search_by_fts(search: Search, question: Question, scan: Look) -> None:
    """Row by row the newest, and what is not indexed yet; by the index what is older."""
    newest = search.span.high - (GLANCE if len(question.text) >= TRIGRAM else PROBE)
    search.look_back(scan, low=newest + 1)
    if not search.may_go_on:
        return
    with fts.reading() as reader:
        search.look_back(scan, low=reader.indexed_to + 1)
        expression = reader.express(question) if search.may_go_on else None
        if expression is not None:
            look_up = partial(_look_up, reader, expression, tests(question))
            search.look_back(Cheaper(look_up, scan), first=INDEX_WINDOW)


def _look_up(
    reader: fts.Reader,
    expression: str,
    also: tuple[Condition, ...],
    span: Span,
    limit: int,
) -> list[int]:
    """Ids of the index that stand every test."""
    found: list[int] = []
    while len(found) < limit:
        ids = reader.newest(expression, span, limit=CANDIDATES)
        if ids:
            found += among(ids, also)
        if len(ids) < CANDIDATES:
            break
        span = span.below(ids[-1] - 1)
    return found[:limit]


def _search_by_bitmaps(search: Search, question: Question) -> None:
    """The newest row by row, for what is common is there; then what all indexes name."""
    asked = known_to_indexes(question)
    if not asked:
        return
    newest = partial(_scan, Plan((ANY,), tests(question), is_narrow=True))
    search.look_back(newest, low=search.span.high - PROBE + 1, first=PROBE)
    if search.may_go_on and (rest := search.rest).size:
        seconds = search.seconds_left * BITMAPS_SHARE
        with suppress(bitmaps.TooSlow):
            ids = bitmaps.newest(asked, rest, limit=search.wanted, seconds=seconds)
            search.note(ids, reached=rest.low)


def _search_by_gin(search: Search, question: Question, scan: Look) -> None:
    """The newest row by row, for the index has no order; then all the rest at once."""
    newest = search.span.high
    search.look_back(scan, low=newest - PROBE + 1, first=PROBE)
    if len(search.ids) * WALK >= search.limit * PROBE:
        search.look_back(scan, low=newest - WALK + 1)
    if not (search.may_go_on and search.rest.size):
        return
    if len(question.text) >= TRIGRAM and gin.exists():
        with suppress(bitmaps.TooSlow):
            _look_into_gin(search, question)
    if search.may_go_on and search.rest.size:
        _search_by_parts(search, question.text, scan)


def _look_into_gin(search: Search, question: Question) -> None:
    also, rest = tests(question), search.rest
    ids = gin.newest(
        question.text, rest, also, limit=search.wanted, seconds=search.seconds_left * GIN_SHARE
    )
    search.note(ids, reached=rest.low)


def _search_by_parts(search: Search, text: str, scan: Look) -> None:
    """Row by row, but for the parts of the trail that have no such text."""
    for part in parts.that_may_have(text, search.rest):
        if part.high < search.rest.high:
            search.note([], reached=part.high + 1)
        search.look_back(scan, low=part.low)
        if not search.may_go_on:
            return
    search.note([], reached=search.rest.low)


def _time_at(reached: int) -> datetime | None:
    """Of that event, or of the next one where it has just left for an archive."""
    later = AuditEvent.objects.filter(id__gte=reached).order_by("id")
    return later.values_list("time", flat=True).first()


def _load(ids: list[int]) -> list[AuditEvent]:
    """The wide columns, last; without what has left for an archive since it was found."""
    found = AuditEvent.objects.defer("search_text").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
