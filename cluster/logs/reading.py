"""A day's file in blocks of whole lines, from its end to its beginning, with bounded memory."""

import os
from bisect import bisect_left
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

import structlog
import zstandard

from cluster.logs.index import Index
from cluster.logs.packing import unpack
from cluster.logs.salvage import find_frames

log = structlog.get_logger(__name__)
BLOCK = 64 * 1024
LONGEST_LINE = 4 * 1024 * 1024
"""Longer than any that our own rsyslog writes: what is longer is passed over."""
Block = tuple[int, bytes]
"""Where it begins, and its lines: none, where an index says that it need not be read."""


class Lines(Protocol):
    """A file of lines; offsets count bytes of the day, packed or not."""

    size: int
    is_damaged: bool
    """Whether something that should be there was found missing until now."""

    def before(self, end: int, *, marks: Collection[int] = ()) -> Iterator[Block]: ...
    def after(self, begin: int, length: int) -> bytes: ...


class PlainLines:
    """A file that may still grow: what is no whole line yet is not seen."""

    is_damaged = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        end = file.seek(0, os.SEEK_END)
        last = next(self._read_back(end), None) if end else None
        self.size = last[0] + last[1].rfind(b"\n") + 1 if last else 0

    def before(self, end: int, *, marks: Collection[int] = ()) -> Iterator[Block]:
        """All of it: an open day has no index."""
        return self._read_back(min(end, self.size))

    def after(self, begin: int, length: int) -> bytes:
        """What follows, up to ``length`` bytes."""
        self._file.seek(begin)
        return self._file.read(min(length, max(0, self.size - begin)))

    def _read_back(self, end: int) -> Iterator[Block]:
        length = BLOCK
        while end > 0:
            begin = max(0, end - length)
            self._file.seek(begin)
            block = self._file.read(end - begin)
            cut = block.find(b"\n") + 1 if begin else 0
            if begin and cut in (0, len(block)) and length < LONGEST_LINE:
                length *= 2
                continue
            yield begin + cut, block[cut:]
            end, length = begin + cut if cut or not begin else begin, BLOCK


class PackedLines:
    """A packed day; its frames hold whole lines."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._frames, is_whole = find_frames(file)
        self.is_damaged = not is_whole
        self.size = self._frames[-1].end if self._frames else 0

    def before(self, end: int, *, marks: Collection[int] = ()) -> Iterator[Block]:
        """Only what can have all of ``marks``."""
        last = bisect_left(self._frames, end, key=lambda frame: frame.begin)
        for number in reversed(range(last)):
            begin = self._frames[number].begin
            is_wanted = not marks or self._index.can_hold(number, marks)
            yield begin, self._unpack(number)[: end - begin] if is_wanted else b""

    def after(self, begin: int, length: int) -> bytes:
        """What follows, up to ``length`` bytes."""
        held = bytearray()
        number = bisect_left(self._frames, begin, key=lambda frame: frame.end)
        skipped = begin - self._frames[number].begin if number < len(self._frames) else 0
        while number < len(self._frames) and len(held) < length + skipped:
            held += self._unpack(number)
            number += 1
        return bytes(held[skipped : skipped + length])

    @cached_property
    def _index(self) -> Index:
        return Index(self._path, self._file, self._frames)

    def _unpack(self, number: int) -> bytes:
        frame = self._frames[number]
        try:
            return unpack(self._file, frame)
        except zstandard.ZstdError as error:
            self.is_damaged = True
            log.warning("log_damaged", file=str(self._path), at=frame.place, error=str(error))
            size = min(frame.end - frame.begin, LONGEST_LINE)
            return b"\n".rjust(size)  # one line that says nothing


def open_lines(path: Path, file: BinaryIO) -> Lines:
    return PackedLines(path, file) if path.suffix == ".zst" else PlainLines(file)


def split_back(block: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a block, last first, each with its place in the block."""
    end = len(block) - 1 if block.endswith(b"\n") else len(block)
    while end > 0:
        begin = block.rfind(b"\n", 0, end) + 1
        yield begin, block[begin:end]
        end = begin - 1
