"""Fixtures of the audit tests."""

import os
from pathlib import Path

import pytest

from audit.allowed import ALLOWED
from tests.node_files import node_file

__all__ = ["node_file"]


class Everything(frozenset[str]):
    """Names that any detail may have."""

    def __contains__(self, name: object) -> bool:
        return True


@pytest.fixture(autouse=True)
def any_details(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of tests may say what they like; the allow-list has tests of its own."""
    for action in ALLOWED:
        monkeypatch.setitem(ALLOWED, action, Everything())


@pytest.fixture(autouse=True)
def _leading(node_file: Path) -> None:
    """This node leads, so that all of console and API is there."""


@pytest.fixture(autouse=True)
def _as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are for root, whoever runs the tests."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
