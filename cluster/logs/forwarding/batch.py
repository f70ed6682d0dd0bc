"""What the receiver lacks: from each node's files a piece, in order, as whole lines."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.logs.forwarding.progress import Positions
from cluster.logs.reading import LONGEST_LINE, open_lines
from cluster.logs.record import Record, moment_of, read_record
from cluster.logs.store import DayFile, list_files

PIECE = 128 * 1024
"""Bytes of one node's file at once."""
MOST = 1024 * 1024
"""Bytes in one connection, about: the receiver has to read all of it in its time."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records, and how far the files are taken when they are."""

    records: list[Record]
    taken: Positions


def read_batch(root: Path, taken: Positions, *, begin: str) -> Batch:
    """The next lines of each node that were received after ``begin`` (as records say it).

    Who was longest without a turn is first. A batch without records may still have moved on.
    """
    records, moved, size = list[Record](), dict(taken), 0
    nodes = _by_node(root, begin=begin)
    turns = {node: turn for turn, node in enumerate(taken, start=1)}
    for node in sorted(nodes, key=lambda node: turns.get(node, 0)):
        day, at, piece = _read_piece(nodes[node], taken.get(node))
        if day:
            moved.pop(node, None)
            moved[node] = (day, at)
        records += _records(piece, node=int(node), begin=begin)
        size += len(piece)
        if size >= MOST:
            break
    return Batch(records, moved)


def count_waiting(root: Path, taken: Positions, *, begin: str) -> int:
    """Bytes of the files that were not taken yet."""
    waiting = 0
    for node, days in _by_node(root, begin=begin).items():
        day, at = taken.get(node, ("", 0))
        sizes = ((file.day.isoformat(), _size(file)) for file in days)
        waiting += sum(size - (at if name == day else 0) for name, size in sizes if name >= day)
    return max(0, waiting)


def _by_node(root: Path, *, begin: str) -> dict[str, list[DayFile]]:
    found: defaultdict[str, list[DayFile]] = defaultdict(list)
    for file in sorted(list_files(root), key=lambda file: file.day):
        if file.day.isoformat() >= begin[:10]:
            found[str(file.node)].append(file)
    return found


def _read_piece(days: list[DayFile], taken: tuple[str, int] | None) -> tuple[str, int, bytes]:
    """A day, where the piece ends in it, and the piece; it is empty where there is no more."""
    day, at = taken or ("", 0)
    for file in days:
        name = file.day.isoformat()
        if name < day:
            continue
        begin = at if name == day else 0
        try:
            piece = _read(file, begin)
        except FileNotFoundError:  # packed or deleted a moment ago: the next look knows
            break
        if piece or file is days[-1]:
            return name, begin + len(piece), piece
    return day, at, b""


def _read(file: DayFile, begin: int) -> bytes:
    """Whole lines; what is damaged holds up nothing."""
    with file.path.open("rb") as opened:
        lines = open_lines(file.path, opened)
        piece = lines.after(begin, PIECE)
        if piece and b"\n" not in piece:
            piece = lines.after(begin, LONGEST_LINE)
    return piece[: piece.rfind(b"\n") + 1]


def _size(file: DayFile) -> int:
    try:
        with file.path.open("rb") as opened:
            return open_lines(file.path, opened).size
    except OSError:
        return 0


def _records(piece: bytes, *, node: int, begin: str) -> Iterator[Record]:
    for line in piece.split(b"\n"):
        if moment_of(line) >= begin:
            record = read_record(line, node=node)
            if record:
                yield record
