"""What a sync tells beside the held state: applications, and whom the leader does not hear."""

from typing import Any

import pytest

from nodes.agent.sync.reply import parse_reply
from tests.nodes.agent.fakes import FakeInventory
from tests.nodes.agent.leader import NOTHING, StubLeader
from tests.nodes.agent.syncing import Node

APPLICATIONS = ({"name": "mail"},)


@pytest.fixture
def inventory(admitted: Node) -> FakeInventory:
    admitted.inventory.digest, admitted.inventory.applications = "one", APPLICATIONS
    return admitted.inventory


def told(stub: StubLeader) -> list[Any]:
    return [(body["inventory_digest"], body["inventory"]) for body in stub.bodies]


def test_applications_travel_only_when_they_are_news(
    admitted: Node, stub: StubLeader, inventory: FakeInventory
) -> None:
    admitted.step()
    admitted.step()
    inventory.digest = "two"
    admitted.step()
    full = list(APPLICATIONS)
    assert told(stub) == [("one", full), ("one", None), ("two", full)]


def test_leader_may_want_the_applications_again(
    admitted: Node, stub: StubLeader, inventory: FakeInventory
) -> None:
    stub.answers.append((200, {**NOTHING[1], "inventory_wanted": True}))
    assert admitted.step() == 0.0
    admitted.step()
    assert [inventory for _, inventory in told(stub)] == [list(APPLICATIONS)] * 2


def test_node_that_nobody_looks_at_tells_no_applications(admitted: Node, stub: StubLeader) -> None:
    admitted.step()
    assert told(stub) == [("", None)]


def test_leaders_agent_learns_whom_it_does_not_hear() -> None:
    assert parse_reply({**NOTHING[1], "silent": [2, 3]}).silent == (2, 3)


@pytest.mark.parametrize("silent", [["2"], [0], [None]])
def test_silent_nodes_are_numbers(silent: list[Any]) -> None:
    with pytest.raises(ValueError):
        parse_reply({**NOTHING[1], "silent": silent})
