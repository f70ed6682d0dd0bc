"""The text index inside PostgreSQL: trigrams by ``pg_trgm``, where that could be installed."""

from collections.abc import Sequence

from django.db import OperationalError, connection, transaction

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
LEAST = 0.02
"""Seconds without which the index is not even asked."""


class TooSlow(Exception):
    """The index did not answer in the time that it was given."""


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
    if seconds < LEAST:
        raise TooSlow
    statement = FOUND.format(" AND ".join(each.sql for each in also))
    values = [like_pattern(text), span.low, span.high]
    values += [value for each in also for value in each.values]
    try:
        with transaction.atomic():
            _allow(seconds)
            return fetch(statement, [*values, limit])
    except OperationalError as error:
        raise TooSlow from error


def merge_pending() -> None:
    """What appends have left in the index's list goes into the index."""
    if exists():
        fetch("SELECT gin_clean_pending_list(%s::regclass)", [NAME])


def _allow(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true),"
            " set_config('enable_seqscan', 'off', true),"
            " set_config('enable_indexscan', 'off', true)",
            [str(int(seconds * 1000))],
        )
