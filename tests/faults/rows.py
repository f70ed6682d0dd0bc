"""The rows of the matrix: every place, on either side, with every process as the victim."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from cluster.models import Operation
from cluster.workflows.registry import WORKFLOWS
from tests.lab.supervisor import PROCESSES

BOUNDARIES = ("before", "after")
WHOLE = os.environ.get("FLOTILLA_FAULTS") == "all"
"""``make faults`` runs all rows, ``make test`` the fixed third that ``is_in_third`` names."""


@dataclass(frozen=True)
class Row:
    """When ``place`` is reached on ``where``, ``process`` of ``side`` gets a SIGKILL."""

    place: str
    where: str
    side: str
    process: str

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return f"{self.place}-{self.side}-{self.process}"


def rows(kind: Operation.Kind, *, where: str, sides: Sequence[str]) -> list[Row]:
    """The kind's rows; the steps are read from the workflow itself, so that none is forgotten."""
    return list(_rows(kind, where, sides)) if WHOLE else list(_third(kind, where, sides))


def parametrize(*rows: Row) -> pytest.MarkDecorator:
    """One test for each row."""
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in rows])


def _rows(kind: Operation.Kind, where: str, sides: Sequence[str]) -> Iterator[Row]:
    for step in WORKFLOWS[kind].steps:
        for boundary in BOUNDARIES:
            for side in sides:
                for process in PROCESSES:
                    yield Row(f"{kind}.{step.name}.{boundary}", where, side, process)


def _third(kind: Operation.Kind, where: str, sides: Sequence[str]) -> Iterator[Row]:
    """Every third row: with four processes a line, each place and each process has its share."""
    for number, row in enumerate(_rows(kind, where, sides)):
        if number % 3 == 0:
            yield row
