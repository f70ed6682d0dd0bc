"""What each frame of a packed day can hold, in a file beside it: ``2026-11-22.log.index``.

A row for each frame: a Bloom filter of its marks, of as many bits as the frame has bytes, so that
the index is an eighth of the day. It can be deleted at any time. A frame whose row is missing, is
damaged, or was made of another file is read.
"""

import os
import struct
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import zstandard

from cluster.logs.marks import marks_of
from cluster.logs.packing import Frame, unpack
from cluster.logs.record import read_record
from cluster.logs.salvage import find_frames

FORMAT = 1
SUM = struct.Struct("<I")
"""In front of the file what it was made of; in front of each row the row, and that."""


def index_path(packed: Path) -> Path:
    return packed.with_suffix(".index")


def aside_of(index: Path) -> Path:
    """Where it is written before it is whole."""
    return index.with_name(f".{index.name}")


def write_index(path: Path) -> None:
    """Make the index of a packed file anew."""
    target = index_path(path)
    with path.open("rb") as packed, aside_of(target).open("wb") as index:
        os.fchmod(index.fileno(), 0o640)
        origin = _origin(packed)
        index.write(SUM.pack(origin))
        for frame in find_frames(packed)[0]:
            row = _row(packed, frame)
            index.write(SUM.pack(crc32(row, origin)) + row)
        index.flush()
        os.fsync(index.fileno())
    aside_of(target).replace(target)


def is_indexed(path: Path) -> bool:
    """Whether the index of a packed file is there, and was made of this one."""
    try:
        with path.open("rb") as packed, index_path(path).open("rb") as index:
            return index.read(SUM.size) == SUM.pack(_origin(packed))
    except FileNotFoundError:
        return False


class Index:
    """Of one packed file, with its frames."""

    def __init__(self, path: Path, packed: BinaryIO, frames: Sequence[Frame]) -> None:
        self._rows = _read(index_path(path))
        self._origin = _origin(packed)
        self._ends = list(accumulate(map(_length, frames), initial=SUM.size))

    def can_hold(self, number: int, marks: Collection[int]) -> bool:
        """Whether a line of that frame may have all of these marks."""
        begin, end = self._ends[number], self._ends[number + 1]
        row = self._rows[begin + SUM.size : end]
        if self._rows[begin : begin + SUM.size] != SUM.pack(crc32(row, self._origin)):
            return True
        return all(row[mark // 8 % len(row)] >> mark % 8 & 1 for mark in marks)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _origin(packed: BinaryIO) -> int:
    """What another file, or another release's index, does not have."""
    status = os.fstat(packed.fileno())
    return crc32(f"{FORMAT} {status.st_size} {status.st_mtime_ns}".encode())


def _length(frame: Frame) -> int:
    return SUM.size + _width(frame)


def _width(frame: Frame) -> int:
    return frame.length // 8 + 1


def _row(packed: BinaryIO, frame: Frame) -> bytes:
    try:
        lines = unpack(packed, frame).split(b"\n")
    except zstandard.ZstdError:
        return b"\xff" * _width(frame)  # to be read, and said to be damaged
    records = (read_record(line, node=0) for line in lines)
    return _filter(marks_of(record for record in records if record), _width(frame))


def _filter(marks: Iterable[int], width: int) -> bytes:
    row = bytearray(width)
    for mark in marks:
        row[mark // 8 % width] |= 1 << mark % 8
    return bytes(row)
