"""A node's figures as bars, from the facts that its agent last reported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from nodes import readings
from nodes.readings import Amount, Readings

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measure:
    """One bar, in percent, and what it says in words."""

    name: str
    percent: int
    text: str


def measures(facts: Mapping[str, Any]) -> list[Measure]:
    """Processors, load, memory and disks; nothing for what the node has not reported."""
    read = readings.read(facts)
    disks = (_share(_disk(disk.name), disk) for disk in read.disks)
    return [*_cpu(read), *_load(read), *_memory(read), *disks]


def main_measures(facts: Mapping[str, Any]) -> list[Measure]:
    """Three bars at most: the processors, the memory, and the disk that is the fullest."""
    read = readings.read(facts)
    fullest = max(read.disks, key=lambda disk: disk.percent, default=None)
    disk = [] if fullest is None else [_share(_disk(fullest.name), fullest)]
    return [*(_cpu(read) or _load(read)), *_memory(read), *disk]


def booted_at(facts: Mapping[str, Any]) -> datetime | None:
    """When the machine was started."""
    seconds = readings.read(facts).booted_at
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _cpu(read: Readings) -> list[Measure]:
    percent = read.cpu_percent
    return [] if percent is None else [Measure(gettext("CPU"), percent, f"{percent} %")]


def _load(read: Readings) -> list[Measure]:
    if not read.load:
        return []
    text = ngettext("{load} on {cpus} processor", "{load} on {cpus} processors", read.cpus)
    text = text.format(load=number_format(read.load[0], 1), cpus=read.cpus)
    return [Measure(gettext("Load"), min(100, round(100 * read.load[0] / read.cpus)), text)]


def _memory(read: Readings) -> Iterator[Measure]:
    if read.memory:
        yield _share(gettext("Memory"), read.memory)


def _share(name: str, amount: Amount) -> Measure:
    total = filesizeformat(amount.total_mib * MEBIBYTE)
    text = gettext("{share} of {total}").format(share=f"{amount.percent} %", total=total)
    return Measure(name, amount.percent, text)


def _disk(name: str) -> str:
    return gettext("Disk {name}").format(name=name)
