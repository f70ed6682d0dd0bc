"""What was measured, against what was aimed at: for people as Markdown, for programs as JSON."""

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RECORD = Path(__file__).resolve().parents[2] / "build" / "bench.json"


@dataclass(frozen=True)
class Figure:
    """One measured value; with a target, which it may reach and not pass."""

    name: str
    value: float
    unit: str
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        """Of the target: more than 1 misses it; there is none of 0."""
        return self.value / self.target if self.target else None

    @property
    def is_missed(self) -> bool:
        """Whether the value is beyond the target."""
        return self.target is not None and self.value > self.target


@dataclass(frozen=True)
class Section:
    """Figures that were measured together, and tables that say where they come from."""

    title: str
    figures: Sequence[Figure]
    tables: Sequence[str] = ()


def median(values: Iterable[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of all do not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def describe_machine() -> dict[str, str]:
    """What the figures were measured on."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines())
    return {
        "cores": f"{os.cpu_count()} ({_processor()})",
        "memory": f"{int(memory.split()[1]) / 1024 / 1024:.1f} GiB",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "database": f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL",
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; numbers with the precision that they deserve."""
    lines = [head, ["---"] * len(head), *([_text(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return (
        f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"
    )


def show(section: Section) -> str:
    """A section in Markdown."""
    rows = [
        (
            figure.name,
            f"{_text(figure.value)} {figure.unit}",
            "" if figure.target is None else f"{figure.target:g} {figure.unit}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
        )
        for figure in section.figures
    ]
    figures = table(("what", "measured", "at most", "ratio"), rows)
    return "\n\n".join([f"## {section.title}", figures, *section.tables]) + "\n"


def keep(machine: Mapping[str, str], sections: Sequence[Section]) -> None:
    """Write the JSON record."""
    content = {
        "machine": machine,
        "sections": [asdict(section) for section in sections],
        "missed": [figure.name for figure in missed(sections)],
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(content, indent=1) + "\n")


def missed(sections: Iterable[Section]) -> list[Figure]:
    """The figures beyond their targets."""
    return [figure for section in sections for figure in section.figures if figure.is_missed]
