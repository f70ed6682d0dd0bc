"""What a container uses: from the files of its control group, and of its directories."""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from nodes.agent.applications.processes import PROC

GROUPS = Path("/sys/fs/cgroup")
WALK_SECONDS = 1.0
PAGE = 4096


def measure(*, pid: int, paths: Sequence[Path]) -> dict[str, int]:
    """``memory`` and ``disk`` in bytes, ``cpu_ms`` since its start; without what is not known."""
    used = {"memory": _memory(pid), "cpu_ms": _cpu(pid), "disk": _disk(paths)}
    return {name: value for name, value in used.items() if value is not None}


def _memory(pid: int) -> int | None:
    group = _group(pid)
    told = _read(group / "memory.current") if group else ""
    if told.isdigit():
        return int(told)
    resident = _read(PROC / str(pid) / "statm").split()
    return int(resident[1]) * PAGE if len(resident) > 1 else None


def _cpu(pid: int) -> int | None:
    group = _group(pid)
    told = _read(group / "cpu.stat").split() if group else []
    if "usage_usec" in told:
        return int(told[told.index("usage_usec") + 1]) // 1000
    stat = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) * 10 if len(stat) > 12 else None


def _group(pid: int) -> Path | None:
    """The control group of the container; None where it has none of its own."""
    line = _read(PROC / str(pid) / "cgroup").splitlines()[-1:]
    path = line[0].partition("::")[2] if line else ""
    return GROUPS / path.lstrip("/") if "libpod" in path else None


def _disk(paths: Sequence[Path]) -> int | None:
    """What its volumes take; as far as can be counted in a moment."""
    until, total = time.monotonic() + WALK_SECONDS, 0
    directories = [str(path) for path in paths]
    while directories:
        for size, directory in _sizes(directories.pop()):
            total += size
            directories += directory
            if time.monotonic() > until:
                return None
    return total


def _sizes(directory: str) -> Iterator[tuple[int, list[str]]]:
    """Of everything in it, one by one: there may be millions; and what is to be looked into."""
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            yield _size(entry), [entry.path] if entry.is_dir(follow_symlinks=False) else []


def _size(entry: "os.DirEntry[str]") -> int:
    """Of a file; it may be gone by now."""
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
