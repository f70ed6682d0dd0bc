"""Which characters, and pairs of them, each part of the trail has; on PostgreSQL.

Text that is shorter than a trigram is in no index of events. A part that has not all pairs of a
text has no event with it. Parts follow behind the events; what none has is looked through.
"""

import time
from collections.abc import Iterator
from itertools import pairwise

from django.db import connection
from django.db.models import Max

from audit.models import Archive, AuditHead
from audit.search.question import Span
from audit.search.sql import fetch
from audit.searchable import COMPLETED

EVENTS = 4096
"""Of a part: rare text is in few of them, and all they have takes a byte an event."""
CHUNK = 512
MOST = 20_000
"""Of what one part has; beyond that it may have anything."""
ANYTHING = ""
KNOWN = """
    SELECT (SELECT min(first_id) FROM audit_textpart), newest.last_id
    FROM audit_textpart AS newest
    JOIN audit_auditevent AS event ON event.id = newest.last_id AND event.hash = newest.last_hash
    WHERE newest.last_id = (SELECT max(last_id) FROM audit_textpart)
"""
"""Nothing where they are of other events: a table may be restored, or emptied."""
WITH = """
    SELECT first_id, last_id FROM audit_textparts_with(%s)
    WHERE last_id >= %s AND first_id <= %s ORDER BY last_id DESC
"""
TEXTS = f"SELECT {COMPLETED['postgresql']} FROM audit_auditevent WHERE id BETWEEN %s AND %s"  # noqa: S608  # our own names
ADD = """
    INSERT INTO audit_textpart SELECT %s, id, hash, %s FROM audit_auditevent WHERE id = %s
    ON CONFLICT DO NOTHING
"""


def that_may_have(text: str, span: Span) -> list[Span]:
    """Parts of ``span``, newest first, outside of which no event has ``text``."""
    known = _known()
    within = span.above(known.low).below(known.high) if known else None
    if known is None or within is None or not within.size:
        return [span]
    parts = [span.above(known.high + 1), *_with(text, within), span.below(known.low - 1)]
    return [part for part in parts if part.size]


def extend(*, seconds: float) -> bool:
    """Add what is new, for at most so long; whether every whole part is known now."""
    until, head = time.monotonic() + seconds, AuditHead.objects.first() or AuditHead()
    archived = Archive.objects.aggregate(until=Max("last_id"))["until"] or 0
    first = _begin(archived + 1)
    while first + EVENTS - 1 <= head.last_id:
        _add(Span(first, first + EVENTS - 1))
        first += EVENTS
        if time.monotonic() > until:
            return first + EVENTS - 1 > head.last_id
    return True


def _begin(start: int) -> int:
    """Id of the first event of the next part, without those that have left for an archive."""
    known = _known()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM audit_textpart WHERE %s OR last_id < %s", [known is None, start]
        )
    return start if known is None else max(start, known.high + 1)


def _known() -> Span | None:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN)
        row = cursor.fetchone()
    return Span(*row) if row else None


def _with(text: str, span: Span) -> list[Span]:
    grams = sorted(_grams(text, shortest=min(len(text), 2)))
    with connection.cursor() as cursor:
        cursor.execute(WITH, [grams, span.low, span.high])
        return [span.above(first).below(last) for first, last in cursor.fetchall()]


def _add(part: Span) -> None:
    grams = set[str]()
    for text in _texts(part):
        grams |= _grams(text)
        if len(grams) > MOST:
            grams = {ANYTHING}
            break
    with connection.cursor() as cursor:
        cursor.execute(ADD, [part.low, sorted(grams), part.high])


def _texts(part: Span) -> Iterator[str]:
    """Of many events at a time; between two of them is a line feed, which does no harm."""
    for first in range(part.low, part.high + 1, CHUNK):
        yield "\n".join(fetch(TEXTS, [first, min(first + CHUNK - 1, part.high)]))


def _grams(text: str, *, shortest: int = 1) -> set[str]:
    """Its characters, unless they are too short, and its pairs of them."""
    pairs = set(map("".join, set(pairwise(text))))
    return pairs | set(text) if shortest == 1 else pairs
