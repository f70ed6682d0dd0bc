"""The SQL of the search: one table, one shape, and never a choice left to the planner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from audit.blocks import BITS, BLOCK, NEWEST_FIRST
from audit.search.question import Span

MOST = 10_000
"""Counting goes no further."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause: constant SQL, and the values in its places."""

    sql: str
    values: tuple[object, ...] = ()


ANY = Condition("1 = 1")
BRANCH = (
    "SELECT id FROM audit_auditevent WHERE id BETWEEN %s AND %s AND {} ORDER BY id DESC LIMIT %s"
)
BLOCK_BRANCH = (
    f"SELECT id FROM audit_auditevent WHERE id BETWEEN %s AND %s AND {BLOCK} BETWEEN %s AND %s"  # noqa: S608  # our own names
    f" AND {{}} ORDER BY {NEWEST_FIRST['postgresql']} LIMIT %s"
)
MEMBER = "SELECT id FROM ({}) AS branch_{}"
EACH = (
    "SELECT found.id FROM (VALUES {}) AS wanted ({}) CROSS JOIN LATERAL ({}) AS found"
    " ORDER BY found.id DESC LIMIT %s"
)
"""Planned once for all; PostgreSQL takes longer to plan many branches than to walk them."""
MERGED = "SELECT id FROM ({}) AS merged ORDER BY id DESC LIMIT %s"
COUNT = "SELECT count(*) FROM ({}) AS counted"
AMONG = "SELECT id FROM audit_auditevent WHERE {} ORDER BY id DESC"


def select_ids(
    alternatives: Sequence[Condition],
    also: Sequence[Condition],
    *,
    span: Span,
    limit: int,
) -> list[int]:
    """Ids in ``span`` that fit one of ``alternatives`` and all of ``also``, newest first.

    Each alternative is a limited walk down its own index; they are merged by id.
    """
    return fetch(*_selection(alternatives, also, span=span, limit=limit))


def count_ids(alternatives: Sequence[Condition], *, span: Span, most: int = MOST) -> int:
    """How many ids fit, up to one more than ``most``; from the indexes alone."""
    statement, values = _selection(alternatives, (), span=span, limit=most + 1)
    return int(fetch(COUNT.format(statement), values)[0])


def _selection(
    alternatives: Sequence[Condition], also: Sequence[Condition], *, span: Span, limit: int
) -> tuple[str, list[object]]:
    if connection.vendor == "postgresql" and _are_alike(alternatives):
        return _selection_of_each(alternatives, also, span=span, limit=limit)
    parts, values = [], list[object]()
    for alternative in alternatives:
        part, given = _branch((alternative, *also), span=span, is_indexed=alternative is not ANY)
        parts.append(part)
        values += [*given, limit]
    if len(parts) == 1:
        return parts[0], values
    merged = " UNION ".join(MEMBER.format(part, number) for number, part in enumerate(parts))
    return MERGED.format(merged), [*values, limit]


def _branch(
    conditions: Sequence[Condition], *, span: Span, is_indexed: bool = True
) -> tuple[str, list[object]]:
    """What is looked through, but for the limit: by the index of the first condition, or by id."""
    tested = " AND ".join(each.sql for each in conditions)
    values = [value for each in conditions for value in each.values]
    if is_indexed and connection.vendor == "postgresql":
        blocks = [span.low >> BITS, span.high >> BITS]
        return BLOCK_BRANCH.format(tested), [span.low, span.high, *blocks, *values]
    return BRANCH.format(tested), [span.low, span.high, *values]


def _are_alike(alternatives: Sequence[Condition]) -> bool:
    """They ask the same of other values, so that no event fits two of them but by repetition."""
    return len(alternatives) > 1 and len({each.sql for each in alternatives}) == 1


def _selection_of_each(
    alternatives: Sequence[Condition], also: Sequence[Condition], *, span: Span, limit: int
) -> tuple[str, list[object]]:
    names = [f"value{number}" for number, _ in enumerate(alternatives[0].values)]
    asked = alternatives[0].sql.replace("%s", "wanted.{}").format(*names)
    branch, within = _branch((Condition(asked), *also), span=span)
    row, given = f"({', '.join(['%s'] * len(names))})", dict.fromkeys(alternatives)
    statement = EACH.format(", ".join([row] * len(given)), ", ".join(names), branch)
    values = [value for each in given for value in each.values]
    return statement, [*values, *within, limit, limit]


def among(ids: Sequence[int], also: Sequence[Condition]) -> list[int]:
    """Those of ``ids`` that fit all of ``also``, newest first."""
    places = ", ".join(["%s"] * len(ids))
    conditions = " AND ".join([f"id IN ({places})", *(each.sql for each in also)])
    values = [*ids, *(value for each in also for value in each.values)]
    return fetch(AMONG.format(conditions), values)


def fetch(statement: str, values: Sequence[Any]) -> list[Any]:
    """The first column."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]
