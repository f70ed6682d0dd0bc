"""The rows of the matrix: every place, on either side, with every process as the victim."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from cluster.models import Operation
from cluster.workflows.registry import WORKFLOWS
from tests.lab.supervisor import PROCESSES

BOUNDARIES = ("before", "after")
POWER = "power"
"""All four processes at once."""
WHOLE = os.environ.get("FLOTILLA_FAULTS") == "all"
"""``make faults`` runs every row, ``make test`` a fixed part of them."""


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


def rows(
    kind: Operation.Kind,
    *,
    where: str | Mapping[str, str],
    sides: Sequence[str],
    one_in: int = 3,
) -> list[Row]:
    """The kind's rows; the steps are read from the workflow itself, so that none is forgotten.

    ``where`` says on which side a step is made, all of them or each by its name. Of each place and
    each victim every ``one_in``th is in the fixed part.
    """
    return [
        row
        for line, place in enumerate(_places(kind))
        for column, row in enumerate(_line(place, _where(place, where), sides))
        if WHOLE or (line + column) % one_in == 0
    ]


def parametrize(*rows: Row) -> pytest.MarkDecorator:
    """One test for each row."""
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in rows])


def _places(kind: Operation.Kind) -> Iterator[str]:
    for step in WORKFLOWS[kind].steps:
        for boundary in BOUNDARIES:
            yield f"{kind}.{step.name}.{boundary}"


def _where(place: str, where: str | Mapping[str, str]) -> str:
    return where if isinstance(where, str) else where[place.split(".")[1]]


def _line(place: str, where: str, sides: Sequence[str]) -> Iterator[Row]:
    for side in sides:
        for victim in PROCESSES:
            yield Row(place, where, side, victim)
    yield Row(place, where, where, POWER)
