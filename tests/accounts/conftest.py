"""Fixtures of the account tests."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Administrator
from tests.accounts.factories import browser, make_administrator
from tests.node_files import node_file

__all__ = ["node_file"]


@pytest.fixture(autouse=True)
def _leading(node_file: Path) -> None:
    """This node leads, so that all of console and API is there."""


@pytest.fixture
def ann(db: None) -> Administrator:
    return make_administrator("ann")


@pytest.fixture
def old_session(ann: Administrator) -> Iterator[Client]:
    """A browser that logged in six minutes ago."""
    client = browser(ann)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        yield client
