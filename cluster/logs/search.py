"""Searching the logs of all nodes, within a budget of time: the rest is behind the cursor."""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from cluster.logs.cursor import Cursor, read_cursor, write_cursor
from cluster.logs.question import Question
from cluster.logs.record import Record
from cluster.logs.store import DayFile, folder
from cluster.logs.walk import walk

BUDGET = 0.8
"""Seconds: with the page around it, people wait for one."""
MOST = 500


@dataclass(frozen=True, slots=True)
class Findings:
    """Newest first; without ``cursor`` there is no more, and with ``searched_back_to`` the time
    was up there.
    """

    records: list[Record]
    cursor: str | None = None
    searched_back_to: datetime | None = None
    damaged: Collection[DayFile] = ()
    """Of these something, or all, could not be read."""


def find(
    question: Question,
    *,
    limit: int,
    cursor: str = "",
    budget: float = BUDGET,
    root: Path | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Findings:
    """At most ``limit`` records, newest first; raises NoCursor."""
    place = read_cursor(cursor) if cursor else _newest()
    ends_at, found, damaged = monotonic() + budget, list[Record](), dict[DayFile, None]()
    for passed in walk(question, place, root=root or folder()):
        if passed.damaged:
            damaged[passed.damaged] = None
        if passed.record:
            found.append(passed.record)
            passed.note_in(place)
        if len(found) == limit:
            return Findings(found, write_cursor(place), damaged=damaged)
        if monotonic() > ends_at:
            return Findings(found, write_cursor(place), _moment(passed.moment), damaged)
    return Findings(found, damaged=damaged)


def find_all(question: Question, *, root: Path | None = None) -> Iterator[Record]:
    """Every record, newest first, however long it takes."""
    passed = walk(question, _newest(), root=root or folder())
    return (each.record for each in passed if each.record)


def _newest() -> Cursor:
    return Cursor(date.max)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
