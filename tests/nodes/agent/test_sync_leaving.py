"""The farewell and root's deeds, as the sync loop sees them."""

from typing import Any

import pytest

from nodes.agent.membership import Membership
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.leader import NOTHING, StubLeader
from tests.nodes.agent.syncing import Node, not_leader, refusal


def farewell(fleet: Fleet) -> tuple[int, dict[str, Any]]:
    word = fleet[1].farewell(node_id=3, identity_key=fleet[3].keys.public.identity_key)
    return 401, {"code": "node_removed", "detail": "x", "farewell": word, "handover": None}


def test_removed_node_confirms_once_and_is_silent(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader
) -> None:
    """S20"""
    old.answers.append(farewell(fleet))
    node.step()
    assert third.record.role == "removed"
    assert (node.step(), node.step()) == (None, None)
    assert old.paths == ["/agent/v1/sync", "/agent/v1/farewell"]
    assert third.record.removed is not None
    assert third.record.removed.confirmed
    assert node.loop.last is None


def test_confirmation_is_tried_again(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader
) -> None:
    old.answers += [farewell(fleet), refusal("unavailable", status=503)]
    node.step()
    first, second = node.step(), node.step()
    assert first is not None
    assert first > 0.5
    assert second is None


def test_node_that_was_removed_by_the_next_leader_learns_it_there(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    fleet.hand_over(2)
    state = fleet[2].holding.state
    word = fleet[2].farewell(node_id=3, identity_key=third.keys.public.identity_key)
    old.answers.append(not_leader(2))
    content = {"code": "node_removed", "detail": "x", "farewell": word}
    new.answers.append((401, {**content, "handover": state and state.handover}))
    node.step()
    node.step()
    assert third.record.role == "removed"
    assert new.paths == ["/agent/v1/sync", "/agent/v1/farewell"]


@pytest.mark.parametrize("word", [None, "nonsense", {}], ids=str)
def test_refusal_without_a_farewell_removes_nothing(
    node: Node, third: Membership, old: StubLeader, word: Any
) -> None:
    old.answers.append((401, {"code": "node_removed", "detail": "x", "farewell": word}))
    node.step()
    assert third.record.role == "worker"


# Deeds


def test_deed_reaches_the_leader_and_is_forgotten(
    node: Node, third: Membership, old: StubLeader, new: StubLeader
) -> None:
    new.answers += [not_leader(1)] * 2
    third.follow(node_id=2, by="root@node3")
    [deed] = third.record.deeds
    old.answers.append((200, {**NOTHING[1], "deeds_noted": [deed.id]}))
    node.step()
    node.step()
    told = [[each["id"] for each in body["deeds"]] for body in old.bodies[1:]]
    assert told == [[deed.id], []]
    assert set(old.bodies[1]["deeds"][0]) >= {"id", "at", "by", "verb", "node_id"}
