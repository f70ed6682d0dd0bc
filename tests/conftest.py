"""Fixtures that every test may ask for, and one that each has."""

import pytest
from django.core.cache import cache

pytest_plugins = ["tests.fakes", "tests.lab.fixtures", "tests.audit.append_only", "tests.sharing"]


@pytest.fixture(autouse=True)
def _nothing_cached_by_other_tests() -> None:
    """Limits are counted in the cache, such as the logins of a minute."""
    cache.clear()
