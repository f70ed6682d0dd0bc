"""The frames of a packed day that has lost its end, and the table with it (RFC 8878, 3.1)."""

from collections.abc import Iterator
from typing import BinaryIO

import zstandard

from cluster.logs.packing import Frame, NotSeekable, read_frames

LONGEST_HEADER = 18
BLOCK_HEADER = 3
LARGEST = 64 * 1024 * 1024
"""Of a frame, unpacked: what somebody else has packed in one piece is not read."""
REPEATED = 1
"""The type of a block that is one byte, many times."""


def find_frames(file: BinaryIO) -> tuple[list[Frame], bool]:
    """The frames, and whether these are all: without the table, those that are whole."""
    try:
        return read_frames(file), True
    except NotSeekable:
        return list(_walk(file)), False


def _walk(file: BinaryIO) -> Iterator[Frame]:
    place = begin = 0
    while measured := _measure(file, place):
        length, size = measured
        yield Frame(place, length, begin, begin + size)
        place, begin = place + length, begin + size


def _measure(file: BinaryIO, place: int) -> tuple[int, int] | None:
    """The length of the frame that begins here, packed and unpacked; None if there is none."""
    file.seek(place)
    head = file.read(LONGEST_HEADER)
    if not head.startswith(zstandard.FRAME_HEADER):
        return None
    try:
        size, header = zstandard.frame_content_size(head), zstandard.frame_header_size(head)
    except zstandard.ZstdError:
        return None
    end = _end_of_blocks(file, place + header)
    return (end - place, size) if end and 0 <= size <= LARGEST else None


def _end_of_blocks(file: BinaryIO, place: int) -> int | None:
    end = file.seek(0, 2)
    is_last = False
    while not is_last:
        file.seek(place)
        header = int.from_bytes(file.read(BLOCK_HEADER), "little")
        is_last, kind, size = bool(header & 1), header >> 1 & 3, header >> 3
        place += BLOCK_HEADER + (1 if kind == REPEATED else size)
        if place > end:
            return None
    return place
