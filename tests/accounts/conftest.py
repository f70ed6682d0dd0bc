"""Fixtures of the account tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from tests.node_files import node_file

__all__ = ["node_file"]


@pytest.fixture(autouse=True)
def _leading(node_file: Path) -> None:
    """This node leads, so that all of console and API is there."""


@pytest.fixture(autouse=True)
def _no_throttle_of_other_tests() -> Iterator[None]:
    """Limits are counted in the cache: each test begins with none."""
    cache.clear()
    yield
    cache.clear()
