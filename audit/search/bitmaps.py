"""PostgreSQL's indexes asked together: it looks only at the events that all of them name."""

from collections.abc import Sequence

from django.db import OperationalError, connection, transaction

from audit.search.question import Span
from audit.search.sql import Condition, fetch

FOUND = """
    SELECT id FROM audit_auditevent WHERE {} AND id + 0 BETWEEN %s AND %s
    ORDER BY id DESC LIMIT %s
"""
"""No index is asked for the ids; nor for their blocks, of which all indexes would know the same:
PostgreSQL does not put two together that do.
"""
LEAST = 0.02
"""Seconds without which no index is even asked."""


class TooSlow(Exception):
    """The indexes did not answer in the time that they were given."""


def newest(asked: Sequence[Condition], span: Span, *, limit: int, seconds: float) -> list[int]:
    """Ids that fit all of ``asked``, newest first; raises ``TooSlow``."""
    statement = FOUND.format(" AND ".join(each.sql for each in asked))
    values = [value for each in asked for value in each.values]
    return fetch_within(statement, [*values, span.low, span.high, limit], seconds=seconds)


def fetch_within(statement: str, values: Sequence[object], *, seconds: float) -> list[int]:
    """The planner would rather walk back through all events; raises ``TooSlow``.

    The settings end with a rollback, in a transaction of the caller too.
    """
    if seconds < LEAST:
        raise TooSlow
    try:
        with transaction.atomic():
            _allow(seconds)
            found = fetch(statement, values)
            transaction.set_rollback(True)
            return found
    except OperationalError as error:
        raise TooSlow from error


def _allow(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true),"
            " set_config('enable_seqscan', 'off', true),"
            " set_config('enable_indexscan', 'off', true)",
            [str(int(seconds * 1000))],
        )
