"""A node's figures, out of the facts that it reported: what is no figure is left out.

Facts come from another machine, which may be of another version, or lie: nothing in them may
break a page.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_DISKS = 16
LONGEST_PATH = 255
LARGEST = 2.0**36
"""Of mebibytes, and of seconds since 1970: times beyond the year 4000 are none."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What is used of a memory or a disk."""

    name: str
    percent: int
    total_mib: int


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything is None, or missing, that the node has not reported."""

    cpu_percent: int | None
    load: tuple[float, ...]
    """Over one, five and fifteen minutes, or nothing."""
    cpus: int
    memory: Amount | None
    disks: tuple[Amount, ...]
    booted_at: int | None


def read(facts: Mapping[str, Any]) -> Readings:
    """What can be read from ``facts``."""
    cpus = _figure(facts.get("cpus"))
    booted_at = _figure(facts.get("booted_at"), LARGEST)
    return Readings(
        cpu_percent=_percent(facts.get("cpu_percent")),
        load=_load(facts.get("load")),
        cpus=max(1, int(cpus or 1)),
        memory=_amount("", facts.get("memory")),
        disks=tuple(_disks(facts.get("disks"))),
        booted_at=None if booted_at is None else int(booted_at),
    )


def _load(value: object) -> tuple[float, ...]:
    figures = [_figure(figure) for figure in value] if isinstance(value, list) else []
    whole = tuple(figure for figure in figures if figure is not None)
    return whole if len(whole) == 3 else ()


def _disks(value: object) -> Iterator[Amount]:
    rows = value[:MOST_DISKS] if isinstance(value, list) else []
    for row in rows:
        path = row.get("path") if isinstance(row, dict) else None
        amount = _amount(path[:LONGEST_PATH], row) if isinstance(path, str) else None
        if amount is not None:
            yield amount


def _amount(name: str, value: object) -> Amount | None:
    if not isinstance(value, dict):
        return None
    percent, total = _percent(value.get("used_percent")), _figure(value.get("total_mib"), LARGEST)
    return None if percent is None or total is None else Amount(name, percent, int(total))


def _percent(value: object) -> int | None:
    figure = _figure(value)
    return None if figure is None else min(100, round(figure))


def _figure(value: object, most: float = 1_000_000) -> float | None:
    """A finite number from 0 to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) and 0 <= value <= most else None
