"""Events as the chain hashes them, straight from the table: a million are read in seconds.

No model's objects, no parsed times, no parsed JSON; every field is the bytes that were hashed.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
from django.db import connection

from audit.chain import HASHED, VERSION

CHUNK = 2000
NAMES = HASHED[VERSION]
"""What the newest version hashes, in its order; the older ones hash the first of them."""
NUMBERS = frozenset({"id", "node", "term"})
SELECT = (
    "SELECT version, {}, {}, {} FROM audit_auditevent"
    " WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
)
TIMES = {
    "sqlite": "replace(time, ' ', 'T') || iif(length(time) = 19, '.000000', '') || 'Z'",
    "postgresql": "to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
}
OPERATIONS = {
    "sqlite": "coalesce(substr(operation, 1, 8) || '-' || substr(operation, 9, 4) || '-' ||"
    " substr(operation, 13, 4) || '-' || substr(operation, 17, 4) || '-' ||"
    " substr(operation, 21), '')",
    "postgresql": "coalesce(CAST(operation AS text), '')",
}
StoredEvent = tuple[Any, ...]
"""Version, hash, salt of the details, the details, and the fields of ``NAMES``: no object of a
class, of which a million cost a second.
"""
HASH = 1
ID, TIME = (4 + NAMES.index(name) for name in ("id", "time"))
"""Places in it."""
DIGITS = {"sqlite": "{}", "postgresql": "encode({}, 'hex')"}
"""Of a ``HexField``."""
BYTES = {"sqlite": "CAST({} AS BLOB)", "postgresql": "convert_to({}, 'UTF8')"}


def stored_events(*, after: int, last: int) -> Iterator[StoredEvent]:
    """In their order, up to the one whose id is ``last``; a chunk is a transaction of its own."""
    while True:
        rows = _read([after, last, CHUNK])
        yield from rows
        if len(rows) < CHUNK:
            return
        after = int(rows[-1][ID])


def _read(values: list[int]) -> list[StoredEvent]:
    """From PostgreSQL in its binary format, for bytes are twice as long in the other."""
    statement = _statement(connection.vendor)
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows: list[StoredEvent] = cursor.fetchall()
            return rows
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as binary:
        return binary.execute(statement, values, binary=True).fetchall()


@cache
def _statement(vendor: str) -> str:
    columns = ("details", *NAMES)
    texts = (BYTES[vendor].format(_text(name, vendor)) for name in columns)
    own = (DIGITS[vendor].format(name) for name in ("hash", "details_salt"))
    return SELECT.format(*own, ", ".join(texts))


def _text(name: str, vendor: str) -> str:
    """As ``audit.chain.as_text`` writes it."""
    if name == "time":
        return TIMES[vendor]
    if name == "operation":
        return OPERATIONS[vendor]
    if name == "details_digest":
        return DIGITS[vendor].format(name)
    column = connection.ops.quote_name(name)
    return f"coalesce(CAST({column} AS text), '')" if name in NUMBERS else column
