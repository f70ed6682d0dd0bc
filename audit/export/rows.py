"""The events that fit a question, oldest first, a few at a time."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import OuterRef, Subquery, TextField
from django.db.models.functions import Cast

from audit.archived import hash_before
from audit.chain import as_text
from audit.models import AuditEvent
from audit.search.facets import plan
from audit.search.question import Question, Span
from audit.search.sql import select_ids

WINDOW = 1_000
"""So many are in memory."""
NUMBERS = frozenset({"id", "term", "node", "version"})
COLUMNS = (
    *("id", "time", "term", "user", "user_kind", "verified", "action", "outcome"),
    *("target_kind", "target_id", "target_label", "node", "source", "user_agent"),
    *("interface", "request_id", "operation", "details"),
    *("version", "details_salt", "details_digest", "previous", "hash"),
)
"""All that the chain covers, and its links; ``previous`` is the hash of the event before."""

Row = dict[str, Any]
"""By column; the details as their canonical text, numbers as numbers, all else as text."""


def export_rows(question: Question, span: Span) -> Iterator[Row]:
    """In short statements of their own: a slow reader keeps no transaction open."""
    planned = plan(question, span=span)
    select = partial(select_ids, planned.alternatives, planned.tests, limit=WINDOW)
    for low in range(span.low, span.high + 1, WINDOW):
        window = Span(low, min(span.high, low + WINDOW - 1))
        ids = select(span=window)
        if ids:
            yield from _read(ids)


def all_rows(span: Span) -> Iterator[Row]:
    """Every event, whatever people see of the trail here."""
    for low in range(span.low, span.high + 1, WINDOW):
        yield from _read(list(range(low, min(span.high, low + WINDOW - 1) + 1)))


def _read(ids: list[int]) -> Iterator[Row]:
    before = AuditEvent.objects.filter(id=OuterRef("id") - 1).values("hash")
    events = AuditEvent.objects.filter(id__in=ids).order_by("id")
    rows = events.annotate(
        stored=Cast("details", TextField()), previous=Subquery(before)
    ).values_list(*("stored" if name == "details" else name for name in COLUMNS))
    for values in rows:
        row = {name: _plain(name, value) for name, value in zip(COLUMNS, values, strict=True)}
        row["previous"] = row["previous"] or hash_before(row["id"])
        yield row


def _plain(name: str, value: object) -> Any:
    return value if name in NUMBERS else as_text(value)
