"""Fixtures of the account tests."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_throttle_of_other_tests() -> Iterator[None]:
    """Limits are counted in the cache: each test begins with none."""
    cache.clear()
    yield
    cache.clear()
