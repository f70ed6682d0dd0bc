"""Through the files of all nodes together, newest first."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import structlog

from cluster.logs.cursor import Cursor
from cluster.logs.question import Question
from cluster.logs.reading import Lines, open_lines, split_back
from cluster.logs.record import Record, moment_of, read_record
from cluster.logs.store import DayFile, list_files

log = structlog.get_logger(__name__)

REPEATED_WITHIN = 2 * 1024 * 1024
"""Bytes between two copies of a line: a node begins a few hundred lines early after a restart."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that fits, or where the search has come to without one."""

    moment: str
    record: Record | None = None
    place: int = 0
    damaged: DayFile | None = None
    """What could not be read, or not all of it."""

    @property
    def id(self) -> str:
        return self.record.id if self.record else ""

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
            if is_begun and file.node not in cursor.at:
                continue
            try:
                lines = _open(file, stack)
            except OSError as error:
                log.warning("log_unreadable", file=str(file.path), error=str(error))
                yield Passed(end_of(file), damaged=file)
                continue
            if lines:
                cursor.at.setdefault(file.node, lines.size)
                each.append(_Reading(file, lines, question, cursor).passed())
        yield from heapq.merge(*each, key=lambda passed: passed.moment, reverse=True)


def end_of(file: DayFile) -> str:
    """As records say it: where no line has said yet when it was received."""
    return f"{file.day.isoformat()}T23:59:59.999999"


def _open(file: DayFile, stack: ExitStack) -> Lines | None:
    """Also what was packed a moment ago; None for what was deleted. Raises ``OSError``."""
    for path in (file.path, file.packed_path):
        try:
            return open_lines(path, stack.enter_context(path.open("rb")))
        except FileNotFoundError:
            continue
    return None


@dataclass
class _Reading:
    file: DayFile
    lines: Lines
    question: Question
    cursor: Cursor
    seen: dict[str, int] | None = None
    """Ids of what follows, and where it was."""

    def passed(self) -> Iterator[Passed]:
        """What this file has, from its end; then that a block is done, which moves the cursor."""
        node, moment = self.file.node, end_of(self.file)
        if self.lines.is_damaged:
            yield self._done(moment)
        for begin, block in self.lines.before(self.cursor.at[node], marks=self.question.marks):
            moment = moment_of(block[:64]) or moment
            if not self.question.end or moment < self.question.end:
                found = self._find(begin, block)
                yield from (each for each in found if not self._is_repeated(each))
            self.cursor.at[node] = 0 if moment < self.question.begin else begin
            yield self._done(moment)
            if moment < self.question.begin:
                return

    def _done(self, moment: str) -> Passed:
        return Passed(moment, damaged=self.file if self.lines.is_damaged else None)

    def _find(self, begin: int, block: bytes) -> Iterator[Passed]:
        """What fits, copies too."""
        if not self.question.may_be_in(block):
            return
        for place, line in split_back(block):
            record = self._read(line)
            if record:
                yield Passed(moment_of(line), record, begin + place)

    def _read(self, line: bytes) -> Record | None:
        moment, question = moment_of(line), self.question
        if moment < question.begin or (question.end and moment >= question.end):
            return None
        if not question.may_be_in(line):
            return None
        record = read_record(line, node=self.file.node)
        return record if record and question.fits(record) else None

    def _is_repeated(self, passed: Passed) -> bool:
        """Of two copies the later one counts, which is met first."""
        if self.seen is None:
            self.seen = self._look_ahead()
        later = self.seen.get(passed.id, passed.place)
        self.seen[passed.id] = passed.place
        return bool(passed.id) and 0 < later - passed.place <= REPEATED_WITHIN

    def _look_ahead(self) -> dict[str, int]:
        """What an earlier answer has shown, or would have."""
        seen, end = dict[str, int](), self.cursor.at[self.file.node]
        following = self.lines.before(end + REPEATED_WITHIN, marks=self.question.marks)
        for begin, block in following:
            cut = max(0, end - begin)
            for passed in self._find(begin + cut, block[cut:]):
                seen[passed.id] = passed.place
            if begin <= end:
                break
        return seen
