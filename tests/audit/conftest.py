"""Fixtures of the audit tests."""

from pathlib import Path

import pytest

from tests.node_files import node_file

__all__ = ["node_file"]


@pytest.fixture(autouse=True)
def _leading(node_file: Path) -> None:
    """This node leads, so that all of console and API is there."""
