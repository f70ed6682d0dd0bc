"""The text index beside a SQLite database: a file of its own, written behind the events.

It can be deleted at any time. What it has not reached yet is looked through row by row.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from audit.chain import GENESIS
from audit.models import AuditEvent

FORMAT = 1
PATIENCE = 5.0
"""Seconds to wait for another writer of the index."""
TABLES = (
    "CREATE TABLE state (format INTEGER, last_id INTEGER, last_hash TEXT)",
    "CREATE VIRTUAL TABLE event USING fts5"
    "(body, content='', columnsize=0, detail='none', tokenize='trigram case_sensitive 1')",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab('event', 'row')",
)


@dataclass(frozen=True, slots=True)
class State:
    """How far the index goes, and which event that was."""

    last_id: int
    last_hash: str

    @property
    def fits(self) -> bool:
        """Whether it is of these events: a restored or emptied database wants another index."""
        if self.last_id <= 0:
            return self.last_id == 0
        return AuditEvent.objects.filter(id=self.last_id, hash=self.last_hash).exists()


def path() -> Path:
    """Beside the database."""
    return Path(f"{connection.settings_dict['NAME']}.audit-index")


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    """The file, for one search or one round of writing; raises ``sqlite3.Error`` without it."""
    address = f"{path().as_uri()}?mode=rw"
    index = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    with closing(index):
        yield index


def create() -> None:
    """Make the file where there is none, as private as the database."""
    path().touch(mode=0o600)
    with opened() as index:
        index.execute("PRAGMA journal_mode = WAL")
        if not index.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
            begin_anew(index)


def forget() -> None:
    """Delete the file."""
    for suffix in ("", "-wal", "-shm"):
        path().with_name(path().name + suffix).unlink(missing_ok=True)


def begin_anew(index: sqlite3.Connection) -> None:
    """Empty it."""
    with transaction(index):
        for table in ("vocabulary", "event", "state"):
            index.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in TABLES:
            index.execute(statement)
        index.execute("INSERT INTO state VALUES (?, 0, ?)", (FORMAT, GENESIS))


def read_state(index: sqlite3.Connection) -> State:
    """One of an older format fits nothing."""
    rows = index.execute("SELECT last_id, last_hash FROM state WHERE format = ?", (FORMAT,))
    return State(*(rows.fetchone() or (-1, "")))


@contextmanager
def transaction(index: sqlite3.Connection) -> Iterator[None]:
    """The lock first: of two writers, the second begins where the first ended."""
    with index:  # commits, or rolls back
        index.execute("BEGIN IMMEDIATE")
        yield
