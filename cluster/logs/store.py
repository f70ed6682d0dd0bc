"""Where logs lie: ``logs/node3/2026-11-22.log``, and ``.log.zst`` when the day is over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.log(\.zst)?")
NODE = re.compile(r"node(\d{1,9})")


@dataclass(frozen=True, slots=True)
class DayFile:
    """What one node said on one day (UTC, by the leader's clock)."""

    node: int
    day: date
    path: Path

    @property
    def is_packed(self) -> bool:
        return self.path.suffix == ".zst"

    @property
    def packed_path(self) -> Path:
        """Where it is, or is going to be, when it is packed."""
        return self.path if self.is_packed else self.path.with_name(f"{self.path.name}.zst")


def folder() -> Path:
    return Path(settings.STATE_DIR) / "logs"


def list_files(root: Path) -> Iterator[DayFile]:
    """Every file, in no order; of a day that is both ways, because packing it was cut short, the
    packed one, which is whole.
    """
    for directory in _subdirectories(root):
        match = NODE.fullmatch(directory.name)
        if match:
            yield from _days(directory, node=int(match[1])).values()


def list_nodes(root: Path) -> set[int]:
    """Of which nodes something is kept."""
    return {file.node for file in list_files(root)}


def _subdirectories(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []


def _days(directory: Path, *, node: int) -> dict[date, DayFile]:
    found: dict[date, DayFile] = {}
    for path in sorted(directory.iterdir()):
        day = _read_day(path.name)
        if day:
            found[day] = DayFile(node, day, path)
    return found


def _read_day(name: str) -> date | None:
    match = NAME.fullmatch(name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
