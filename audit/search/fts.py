"""Asking the text index of SQLite for the events that may have a text."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from audit.search.index_file import opened, read_state
from audit.search.question import Question, Span
from audit.search.text import TRIGRAM, match_any, match_expression

MOST_TRIGRAMS = 200
VOCABULARY_SECONDS = 0.03
STEPS = 2000
"""Of SQLite's machine, between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The index as it was at one moment."""

    index: sqlite3.Connection
    indexed_to: int
    """Id of the last event that can be found here."""

    def express(self, question: Question) -> str | None:
        """What to ask for the question's text; None where only looking at every row helps."""
        who, what = question.users, question.actions
        if len(question.text) >= TRIGRAM:
            return match_expression(question.text, users=who, actions=what)
        trigrams = self._trigrams_that_begin_with(question.text)
        return match_any(trigrams, users=who, actions=what) if trigrams else None

    def newest(self, expression: str, span: Span, *, limit: int) -> list[int]:
        """Ids of events that may fit, newest first: those that do are among them."""
        rows = self.index.execute(
            "SELECT rowid FROM event WHERE event MATCH ? AND rowid BETWEEN ? AND ?"
            " ORDER BY rowid DESC LIMIT ?",
            (expression, span.low, span.high, limit),
        )
        return [row[0] for row in rows]

    def _trigrams_that_begin_with(self, text: str) -> Sequence[str]:
        """Nothing if they are too many, or too common, to be told in time."""
        end = time.monotonic() + VOCABULARY_SECONDS
        self.index.set_progress_handler(lambda: time.monotonic() > end, STEPS)
        try:
            rows = self.index.execute(
                "SELECT term FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?",
                (text, text + "\U0010ffff", MOST_TRIGRAMS + 1),
            ).fetchall()
        except sqlite3.OperationalError:
            return ()
        finally:
            self.index.set_progress_handler(None, 0)
        trigrams = [row[0] for row in rows] or [text]  # what occurs nowhere is found nowhere
        return trigrams if len(trigrams) <= MOST_TRIGRAMS else ()


@contextmanager
def reading() -> Iterator[Reader]:
    """One look at the index; raises ``sqlite3.Error`` where there is none that can be read."""
    with opened() as index:
        index.execute("BEGIN")
        state = read_state(index)
        yield Reader(index, state.last_id if state.fits else 0)
