"""Steps of a planned promotion on the leader that ends leading."""

from typing import Any

import pytest

from cluster.models import Operation
from tests.cluster.pairs import CandidateCalls, Pair


@pytest.fixture
def calls(pair: Pair, settings: Any) -> CandidateCalls:
    settings.TRANSPORT = made = CandidateCalls(pair)
    return made


def acknowledge(pair: Pair) -> None:
    """Node 2 has got what was signed last."""
    pair.spread()


def step(operation: Operation, name: str) -> tuple[str, str]:
    row = operation.steps.get(name=name)
    return row.state, row.detail
