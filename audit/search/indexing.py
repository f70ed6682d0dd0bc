"""Bringing the text index up to the newest event, behind the appends."""

import sqlite3
import time

from django.db import connection

from audit.search import gin, index_file, parts
from audit.search.text import indexed_text
from audit.searchable import COMPLETED

ROWS = 200
"""Events in one transaction of the index."""
NEXT = (
    f'SELECT id, hash, "user", action, lower({COMPLETED["sqlite"]}) FROM audit_auditevent'  # noqa: S608  # our own names
    " WHERE id > %s ORDER BY id LIMIT %s"
)
"""SQLite's ``lower`` knows only ASCII, and all else is folded."""


def extend(*, seconds: float) -> bool:
    """Index what is new, for at most so long; whether all is indexed now."""
    if connection.vendor == "postgresql":
        gin.merge_pending()
        return parts.extend(seconds=seconds)
    try:
        index_file.create()
        return _extend(until=time.monotonic() + seconds)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        index_file.forget()  # what is there is no database
        return False


def _extend(*, until: float) -> bool:
    with index_file.opened() as index:
        index.execute("PRAGMA synchronous = NORMAL")  # whatever is lost is made anew
        if not index_file.read_state(index).fits:
            index_file.begin_anew(index)
        while _take_some(index) == ROWS:
            if time.monotonic() > until:
                return False
    return True


def _take_some(index: sqlite3.Connection) -> int:
    with index_file.transaction(index):
        after = index_file.read_state(index).last_id
        taken = _events(after=after)
        index.executemany(
            "INSERT INTO event(rowid, body) VALUES (?, ?)",
            [
                (pk, indexed_text(user=user, action=action, text=text))
                for pk, _, user, action, text in taken
            ],
        )
        if taken:
            index.execute("UPDATE state SET last_id = ?, last_hash = ?", taken[-1][:2])
    return len(taken)


def _events(*, after: int) -> list[tuple[int, str, str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [after, ROWS])
        rows: list[tuple[int, str, str, str, str]] = cursor.fetchall()
        return rows
