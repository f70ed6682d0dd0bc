"""The text index inside PostgreSQL: trigrams by ``pg_trgm``, where that could be installed."""

from collections.abc import Sequence

from audit.search.bitmaps import fetch_within
from audit.search.question import Span
from audit.search.sql import Condition, fetch
from audit.search.text import like_pattern
from audit.searchable import COMPLETED

NAME = "audit_event_text"
FOUND = f"""
    WITH found AS MATERIALIZED (
        SELECT * FROM audit_auditevent
        WHERE {COMPLETED["postgresql"]} LIKE %s AND id + 0 BETWEEN %s AND %s
    )
    SELECT id FROM found WHERE {{}} ORDER BY id DESC LIMIT %s
"""  # noqa: S608  # our own names


def exists() -> bool:
    """Whether the migration could make it: the extension may need a superuser."""
    return bool(
        fetch("SELECT 1 FROM pg_class WHERE oid = to_regclass(%s) AND relkind = 'i'", [NAME])
    )


def newest(
    text: str, span: Span, also: Sequence[Condition], *, limit: int, seconds: float
) -> list[int]:
    """Ids whose text has ``text`` and that fit ``also``, newest first; raises ``TooSlow``.

    The index is asked first and alone: the planner would rather walk back through all events.
    """
    statement = FOUND.format(" AND ".join(each.sql for each in also))
    values = [like_pattern(text), span.low, span.high]
    values += [value for each in also for value in each.values]
    return fetch_within(statement, [*values, limit], seconds=seconds)


def merge_pending() -> None:
    """What appends have left in the index's list goes into the index."""
    if exists():
        fetch("SELECT gin_clean_pending_list(%s::regclass)", [NAME])
