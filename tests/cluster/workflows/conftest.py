"""Fixtures of the engine's tests: a toy world, a stopped clock, a worker, failpoints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from tests.cluster.workflows.toys import Worker, World

NOON = "2026-11-22T12:00:00Z"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def worker(time_machine: TimeMachineFixture, settings: Any, tmp_path: Path) -> Worker:
    """Time stands still unless this worker passes it."""
    settings.FAILPOINTS = tmp_path / "failpoint"
    time_machine.move_to(NOON, tick=False)
    return Worker(time_machine)


@pytest.fixture
def crash_at(settings: Any, worker: Worker) -> Callable[[str], None]:
    """Set one simulated crash."""

    def arm(place: str) -> None:
        settings.FAILPOINTS.write_text(f"{place}:raise")

    return arm
