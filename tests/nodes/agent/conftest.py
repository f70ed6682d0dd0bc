"""Fixtures of the agent's tests: members with real keys in directories of their own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.agent.membership import Membership
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.leader import StubLeader, running_leader
from tests.nodes.agent.members import MakeMember, found, pin
from tests.nodes.agent.syncing import Node, generation, state_answer, way


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here pulls a plug that reaches the disk itself."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


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


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[StubLeader]:
    with running_leader(tmp_path) as leader:
        yield leader


@pytest.fixture
def joining(leader: Membership, worker: Membership, stub: StubLeader, tmp_path: Path) -> Node:
    """Node 2, which has adopted generation 2 and not yet talked with its leader."""
    way = pin(leader, console_url=stub.url, tls_fingerprint=stub.fingerprint)
    worker.adopt(found(leader, worker), node_id=2, leader=way)
    return Node(worker, certificate=tmp_path / "none")


@pytest.fixture
def admitted(joining: Node, leader: Membership, worker: Membership, stub: StubLeader) -> Node:
    """Node 2, worker at generation 3, after its first sync."""
    stub.answers.append(state_answer(generation(leader, worker, 3, stub)))
    joining.step()
    stub.bodies.clear()
    stub.tokens.clear()
    return joining


# Three nodes, of which two have a web


@pytest.fixture(scope="module")
def webs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, StubLeader]]:
    """What answers on nodes 1 and 2; made once, because certificates take their time."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("old", "new"))
    with running_leader(first) as old, running_leader(second) as new:
        yield {"old": old, "new": new}


@pytest.fixture
def old(webs: dict[str, StubLeader]) -> StubLeader:
    """Node 1's web."""
    webs["old"].reset()
    return webs["old"]


@pytest.fixture
def new(webs: dict[str, StubLeader]) -> StubLeader:
    """Node 2's web."""
    webs["new"].reset()
    return webs["new"]


@pytest.fixture
def fleet(make_member: MakeMember, old: StubLeader, new: StubLeader) -> Fleet:
    dead = {"console_url": "https://127.0.0.1:1"}
    return Fleet(make_member, changes={1: way(old), 2: way(new), 3: dead})


@pytest.fixture
def third(fleet: Fleet) -> Membership:
    return fleet[3]


@pytest.fixture
def node(third: Membership, old: StubLeader, tmp_path: Path) -> Node:
    """Node 3, which has just heard from node 1."""
    node = Node(third, certificate=tmp_path / "none")
    node.step()
    old.paths.clear()
    return node
