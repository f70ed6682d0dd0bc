"""Fixtures of the agent's tests: members with real keys in directories of their own."""

from pathlib import Path
from typing import Any

import pytest

from nodes.agent.membership import Membership
from tests.nodes.agent.members import MakeMember


@pytest.fixture
def make_member(tmp_path: Path) -> MakeMember:
    """A membership in a directory of its own; the same number gives the same directory again."""

    def make(number: int, **options: Any) -> Membership:
        return Membership(tmp_path / str(number), fqdn=f"node{number}.example.org", **options)

    return make


@pytest.fixture
def leader(make_member: MakeMember) -> Membership:
    """Node 1, uninitialised."""
    return make_member(1)


@pytest.fixture
def worker(make_member: MakeMember) -> Membership:
    """Node 2, uninitialised."""
    return make_member(2)
