"""A day as a zstd file of many small frames, so that it can be read from its end.

Zstandard's seekable format: a table of the frames in a skippable frame at the end. ``zstd -d``
reads it like any other.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from nodes.agent.files import sync_directory

FRAME = 256 * 1024
LEVEL = 3
SKIPPABLE, SEEKABLE = 0x184D2A5E, 0x8F92EAB1
FOOTER = struct.Struct("<IBI")
ENTRY = struct.Struct("<II")


class NotSeekable(ValueError):
    """The file has no table of frames."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a frame is in the file, and of which part of the day."""

    place: int
    length: int
    begin: int
    end: int


def pack(path: Path) -> Path:
    """Replace a day's file by a packed one; cut short, nothing is lost."""
    target = path.with_name(f"{path.name}.zst")
    aside = path.with_name(f".{path.name}.zst")
    with path.open("rb") as source, aside.open("wb") as packed:
        os.fchmod(packed.fileno(), 0o640)
        _write(source, packed)
        packed.flush()
        os.fsync(packed.fileno())
    aside.replace(target)
    sync_directory(path.parent)
    path.unlink()
    return target


def read_frames(file: BinaryIO) -> list[Frame]:
    """The table; raises NotSeekable."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - FOOTER.size))
    footer = file.read(FOOTER.size)
    if len(footer) < FOOTER.size or FOOTER.unpack(footer)[2] != SEEKABLE:
        raise NotSeekable("the file's end is missing")
    length = FOOTER.unpack(footer)[0] * ENTRY.size
    end = size - FOOTER.size - length - ENTRY.size
    file.seek(max(0, end + ENTRY.size))
    frames = list(_place(file.read(length))) if end >= 0 else []
    if end != sum(frame.length for frame in frames):
        raise NotSeekable("its table is damaged")
    return frames


def unpack(file: BinaryIO, frame: Frame) -> bytes:
    """A frame's lines; raises ``zstandard.ZstdError``."""
    file.seek(frame.place)
    packed, size = file.read(frame.length), frame.end - frame.begin
    lines = zstandard.ZstdDecompressor().decompress(packed, max_output_size=max(size, FRAME))
    if len(lines) != size:
        raise zstandard.ZstdError("the frame has another length than the table says")
    return lines


def _place(table: bytes) -> Iterator[Frame]:
    place = begin = 0
    for length, raw in ENTRY.iter_unpack(table):
        yield Frame(place, length, begin, begin + raw)
        place, begin = place + length, begin + raw


def _write(source: BinaryIO, packed: BinaryIO) -> None:
    compressor, table = zstandard.ZstdCompressor(level=LEVEL), []
    while lines := source.readlines(FRAME):
        raw = b"".join(lines)
        frame = compressor.compress(raw)
        packed.write(frame)
        table.append(ENTRY.pack(len(frame), len(raw)))
    rows = b"".join(table)
    packed.write(ENTRY.pack(SKIPPABLE, len(rows) + FOOTER.size))
    packed.write(rows + FOOTER.pack(len(table), 0, SEEKABLE))
