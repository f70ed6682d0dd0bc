"""A node's figures as bars, from the facts that its agent last reported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measure:
    """One bar, in percent, and what it says in words."""

    name: str
    percent: int
    text: str


def measures(facts: Mapping[str, Any]) -> list[Measure]:
    """Load, memory and disks; nothing for what the node has not reported."""
    return [*_load(facts), *_memory(facts), *_disks(facts)]


def booted_at(facts: Mapping[str, Any]) -> datetime | None:
    """When the machine was started."""
    seconds = facts.get("booted_at")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _load(facts: Mapping[str, Any]) -> Iterator[Measure]:
    if load := facts.get("load"):
        cpus = facts.get("cpus") or 1
        text = f"{load[0]:.1f} on {cpus} processor{'' if cpus == 1 else 's'}"
        yield Measure("Load", min(100, round(100 * load[0] / cpus)), text)


def _memory(facts: Mapping[str, Any]) -> Iterator[Measure]:
    if memory := facts.get("memory"):
        yield _share("Memory", memory)


def _disks(facts: Mapping[str, Any]) -> Iterator[Measure]:
    for disk in facts.get("disks", []):
        yield _share(f"Disk {disk['path']}", disk)


def _share(name: str, amount: Mapping[str, Any]) -> Measure:
    percent = amount["used_percent"]
    total = filesizeformat(amount["total_mib"] * MEBIBYTE)
    return Measure(name, percent, f"{percent} % of {total}")
