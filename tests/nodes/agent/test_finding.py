"""A worker finds its new leader, against nodes with real TLS."""

from pathlib import Path

from nodes.agent import tokens
from nodes.agent.history import Successor
from nodes.agent.membership import Membership
from tests.nodes.agent.documents import CLUSTER
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.leader import StubLeader
from tests.nodes.agent.syncing import Node, not_leader, refusal, state_answer


def lose(node: Node) -> None:
    """The leader has been silent for a while."""
    node.loop._heard_at -= 60


def follows(member: Membership) -> tuple[int, int | None]:
    return member.record.term, member.record.leader.id if member.record.leader else None


def test_node_that_is_told_who_leads_follows_at_once(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    old.answers.append(not_leader(2))
    new.answers.append(state_answer(fleet.hand_over(2)))
    assert node.step() == 0.0
    assert follows(third) == (2, 2)
    assert new.paths == ["/agent/v1/sync"]


def test_next_sync_goes_to_the_new_leader(
    node: Node, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    old.answers.append(not_leader(2))
    new.answers.append(state_answer(fleet.hand_over(2)))
    node.step()
    node.step()
    assert len(old.bodies) == 2
    assert (new.bodies[1]["term"], new.bodies[1]["generation"]) == (2, 1)
    assert tokens.read_unverified(new.tokens[1]).audience == CLUSTER


def test_node_that_is_told_nothing_asks_the_others(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    old.answers.append(not_leader())
    new.leadership = {"role": "leader", "term": 2, "leader": 2}
    new.answers.append(state_answer(fleet.hand_over(2)))
    assert node.step() == 0.0
    assert follows(third) == (2, 2)
    assert new.paths == ["/agent/v1/leadership", "/agent/v1/sync"]


def test_silent_leader_is_looked_for_elsewhere(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    lose(node)
    old.answers.append(refusal("unavailable", status=503))
    new.leadership = {"role": "leader", "term": 2, "leader": 2}
    new.answers.append(state_answer(fleet.hand_over(2)))
    assert node.step() == 0.0
    assert follows(third) == (2, 2)


def test_one_lost_call_is_no_reason_to_ask_around(
    node: Node, old: StubLeader, new: StubLeader
) -> None:
    old.answers.append(refusal("unavailable", status=503))
    node.step()
    assert new.paths == []


def test_node_that_root_has_named_is_tried_first(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    """S41"""
    new.answers.append(state_answer(fleet.force(2)))
    third.follow(node_id=2, by="root@node3")
    assert node.step() == 0.0
    assert follows(third) == (2, 2)
    assert len(old.bodies) == 1


def test_node_that_root_has_named_is_tried_again_soon(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    new.answers += [not_leader(1), not_leader(1)]
    old.answers.append(refusal("unavailable", status=503))
    third.follow(node_id=2, by="root@node3")
    node.step()
    pause = node.step()
    assert pause is not None
    assert pause <= 0.5
    assert [len(new.bodies), len(old.bodies)] == [2, 2]


def test_old_leader_is_heard_until_the_named_one_leads(
    node: Node, third: Membership, fleet: Fleet, old: StubLeader, new: StubLeader
) -> None:
    new.answers.append(not_leader(1))
    third.follow(node_id=2, by="root@node3")
    old.answers.append(state_answer(fleet[1].sign(fleet.document(generation=4))))
    node.step()
    assert third.holding.generation == 4


def test_leader_that_handed_over_follows_the_next(
    fleet: Fleet, new: StubLeader, tmp_path: Path
) -> None:
    """By its public address: its own VPN address is still the hub's."""
    node = Node(fleet[1], certificate=tmp_path / "none")
    new.answers.append(state_answer(fleet.hand_over(2)))
    node.step()
    assert follows(fleet[1]) == (2, 2)
    assert new.bodies[0]["term"] == 1


def test_deposed_leader_says_nothing(fleet: Fleet, old: StubLeader, tmp_path: Path) -> None:
    node = Node(fleet[1], certificate=tmp_path / "none", console_port=old.server_port)
    node.step()
    fleet[1].depose(Successor(2, "", "", 2), seen=fleet[1].holding)
    assert node.step() is None
    assert len(old.bodies) == 1


def test_leader_looks_for_no_other(
    fleet: Fleet, old: StubLeader, new: StubLeader, tmp_path: Path
) -> None:
    """Whether another leads is for its vigil to judge."""
    node = Node(fleet[1], certificate=tmp_path / "none", console_port=old.server_port)
    old.answers.append(not_leader(2))
    node.step()
    assert (old.paths, new.paths) == (["/agent/v1/sync"], [])
