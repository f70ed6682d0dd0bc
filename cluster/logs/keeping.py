"""How long logs are kept: packed and indexed when their day is over, deleted by age and size."""

import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import structlog

from cluster.logs.index import aside_of, index_path, is_indexed, write_index
from cluster.logs.packing import pack
from cluster.logs.store import DayFile, list_files

log = structlog.get_logger(__name__)
OPEN_DAYS = timedelta(days=2)
"""Yesterday's file may still be written to, by a clock that is set back."""


def pack_old(root: Path, *, today: date) -> None:
    """Pack every day that is over."""
    for file in list_files(root):
        if file.day <= today - OPEN_DAYS and not file.is_packed:
            pack(file.path)


def index_packed(
    root: Path, *, seconds: float, monotonic: Callable[[], float] = time.monotonic
) -> None:
    """Index what is packed, newest first; after so long the rest waits for the next time."""
    ends_at = monotonic() + seconds
    for index in root.glob("node*/*.index"):
        if not index.with_suffix(".zst").exists():
            index.unlink(missing_ok=True)
    for file in sorted(list_files(root), key=lambda file: file.day, reverse=True):
        if monotonic() > ends_at:
            return
        if file.is_packed and not is_indexed(file.path):
            _index(file)


def _index(file: DayFile) -> None:
    """As well as it can be: who searches without it waits longer, and misses nothing."""
    try:
        write_index(file.path)
    except OSError as error:
        aside_of(index_path(file.path)).unlink(missing_ok=True)
        log.warning("log_not_indexed", file=str(file.path), error=str(error))


def delete_old(root: Path, *, today: date, days: int, most: int) -> list[DayFile]:
    """Delete what is older than ``days``, then the oldest until at most ``most`` bytes are left;
    never today's.
    """
    files = sorted(list_files(root), key=lambda file: file.day)
    oldest_kept = today - timedelta(days=days)
    outdated = [file for file in files if file.day < oldest_kept]
    rest = [file for file in files if oldest_kept <= file.day]
    deleted = outdated + _surplus(rest, today=today, most=most)
    for file in deleted:
        index = index_path(file.packed_path)
        for path in (aside_of(index), index, file.path):
            path.unlink(missing_ok=True)
        log.info("log_deleted", node=file.node, day=file.day.isoformat())
    return deleted


def _surplus(files: Iterable[DayFile], *, today: date, most: int) -> list[DayFile]:
    """Oldest first."""
    sizes = {file: _size(file) for file in files}
    total, surplus = sum(sizes.values()), []
    for file, size in sizes.items():
        if total <= most or file.day >= today:
            break
        surplus.append(file)
        total -= size
    return surplus


def _size(file: DayFile) -> int:
    """With its index."""
    paths = (file.path, index_path(file.packed_path))
    return sum(path.stat().st_size for path in paths if path.exists())
