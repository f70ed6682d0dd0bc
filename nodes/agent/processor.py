"""How busy the processors were in the last minutes, from the kernel's own counters."""

from collections import deque
from pathlib import Path
from typing import NamedTuple

WINDOW = 300.0
"""Seconds that the share is taken over, so that who looks every five minutes misses nothing."""
IDLE, WAITING, GUEST = 3, 4, 8


class Ticks(NamedTuple):
    """Counters since the machine was started."""

    at: float
    busy: int
    total: int


class Processor:
    """Remembers counters, and compares the newest with the oldest of the window."""

    def __init__(self, path: Path = Path("/proc/stat")) -> None:
        self._path = path
        self._seen: deque[Ticks] = deque()

    def used_percent(self, now: float) -> int | None:
        """Over the last five minutes, or since the first look; None at that."""
        newest = read_ticks(self._path, now)
        while self._seen and now - self._seen[0].at > WINDOW:
            self._seen.popleft()
        self._seen.append(newest)
        oldest = self._seen[0]
        total = newest.total - oldest.total
        return round(100 * (newest.busy - oldest.busy) / total) if total > 0 else None


def read_ticks(path: Path, now: float) -> Ticks:
    """All processors together; a guest's time is in its host's already."""
    counters = [int(figure) for figure in path.read_text().split("\n", 1)[0].split()[1:]]
    total = sum(counters[:GUEST])
    return Ticks(now, total - counters[IDLE] - counters[WAITING], total)
