"""The rows of the matrix: every place, on either side, with every process as the victim."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from cluster.models import Operation
from cluster.workflows.registry import WORKFLOWS
from tests.lab.supervisor import PROCESSES

BOUNDARIES = ("before", "after")
POWER = "power"
"""All four processes at once."""
WHOLE = os.environ.get("FLOTILLA_FAULTS") == "all"
"""``make faults`` runs every row, ``make test`` a fixed third."""


@dataclass(frozen=True)
class Row:
    """When ``place`` is reached on ``where``, ``victim`` of ``side`` gets a SIGKILL."""

    place: str
    where: str
    side: str
    victim: str

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return f"{self.place}-{self.side}-{self.victim}"


def rows(kind: Operation.Kind, *, where: str, sides: Sequence[str]) -> list[Row]:
    """The kind's rows; the steps are read from the workflow itself, so that none is forgotten."""
    return [
        row
        for line, place in enumerate(_places(kind))
        for column, row in enumerate(_line(place, where, sides))
        if WHOLE or (line + column) % 3 == 0  # so that each place and each victim has its third
    ]


def parametrize(*rows: Row) -> pytest.MarkDecorator:
    """One test for each row."""
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in rows])


def _places(kind: Operation.Kind) -> Iterator[str]:
    for step in WORKFLOWS[kind].steps:
        for boundary in BOUNDARIES:
            yield f"{kind}.{step.name}.{boundary}"


def _line(place: str, where: str, sides: Sequence[str]) -> Iterator[Row]:
    for side in sides:
        for victim in PROCESSES:
            yield Row(place, where, side, victim)
    yield Row(place, where, where, POWER)
