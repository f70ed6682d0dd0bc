"""Through the files of all nodes together, newest first."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cluster.logs.cursor import Cursor
from cluster.logs.packing import NotSeekable
from cluster.logs.question import Question
from cluster.logs.reading import Lines, open_lines, split_back
from cluster.logs.record import Record, moment_of, read_record
from cluster.logs.store import DayFile, list_files

REPEATED_WITHIN = 2 * 1024 * 1024
"""Bytes between two copies of a line: a node begins a few hundred lines early after a restart."""
LAST = "9999"
"""Later than any moment."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that fits, or where the search has come to without one."""

    moment: str
    record: Record | None = None
    place: int = 0

    def note_in(self, cursor: Cursor) -> None:
        """Begin behind this one next time: only who has taken it can say so."""
        if self.record:
            cursor.at[self.record.node] = self.place


def walk(question: Question, cursor: Cursor, *, root: Path) -> Iterator[Passed]:
    """From where ``cursor`` is; it is moved along, and can be handed out after each one that was
    noted in it.
    """
    files = [file for file in list_files(root) if _is_wanted(file, question, until=cursor.day)]
    for day in sorted({file.day for file in files}, reverse=True):
        if day != cursor.day:
            cursor.day, cursor.at = day, {}
        yield from _walk_day([file for file in files if file.day == day], question, cursor)
        yield Passed(f"{day.isoformat()}T00:00:00.000000")


def _is_wanted(file: DayFile, question: Question, *, until: date) -> bool:
    day = file.day.isoformat()
    return (
        file.day <= until
        and question.node in (None, file.node)
        and day >= question.begin[:10]
        and (not question.end or day <= question.end[:10])
    )


def _walk_day(files: list[DayFile], question: Question, cursor: Cursor) -> Iterator[Passed]:
    is_begun = bool(cursor.at)
    with ExitStack() as stack:
        each = []
        for file in sorted(files, key=lambda file: file.node):
            lines = _open(file, stack)
            if lines is None or (is_begun and file.node not in cursor.at):
                continue
            cursor.at.setdefault(file.node, lines.size)
            each.append(_Reading(file.node, lines, question, cursor).passed())
        yield from heapq.merge(*each, key=lambda passed: passed.moment, reverse=True)


def _open(file: DayFile, stack: ExitStack) -> Lines | None:
    """None for what was packed or deleted a moment ago, or is damaged."""
    try:
        opened = stack.enter_context(file.path.open("rb"))
        return open_lines(file.path, opened)
    except (OSError, NotSeekable):
        return None


@dataclass
class _Reading:
    node: int
    lines: Lines
    question: Question
    cursor: Cursor
    seen: dict[str, int] | None = None
    """Ids of what follows, and where it was."""

    def passed(self) -> Iterator[Passed]:
        """What this file has, from its end; then that a block is done, which moves the cursor."""
        moment = LAST
        for begin, block in self.lines.before(self.cursor.at[self.node]):
            moment = moment_of(block[:64]) or moment
            if not self.question.end or moment < self.question.end:
                yield from self._records(begin, block)
            self.cursor.at[self.node] = 0 if moment < self.question.begin else begin
            yield Passed(moment)
            if moment < self.question.begin:
                return

    def _records(self, begin: int, block: bytes) -> Iterator[Passed]:
        if not self.question.may_be_in(block):
            return
        for place, line in split_back(block):
            record = self._read(line)
            if record and not self._is_repeated(record, begin + place):
                yield Passed(moment_of(line), record, begin + place)

    def _read(self, line: bytes) -> Record | None:
        moment, question = moment_of(line), self.question
        if moment < question.begin or (question.end and moment >= question.end):
            return None
        if not question.may_be_in(line):
            return None
        record = read_record(line, node=self.node)
        return record if record and question.fits(record) else None

    def _is_repeated(self, record: Record, place: int) -> bool:
        """Of two copies the later one counts, which is met first."""
        if self.seen is None:
            self.seen = self._look_ahead()
        later = self.seen.get(record.id, place)
        self.seen[record.id] = place
        return bool(record.id) and 0 < later - place <= REPEATED_WITHIN

    def _look_ahead(self) -> dict[str, int]:
        end = self.cursor.at[self.node]
        following = self.lines.after(end, REPEATED_WITHIN)
        found = ((end + place, self._read(line)) for place, line in split_back(following))
        return {record.id: place for place, record in found if record}
