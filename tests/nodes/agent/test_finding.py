"""A worker finds its new leader, against nodes with real TLS: quickly, and without helping a
liar.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import tokens
from nodes.agent.history import Successor
from nodes.agent.membership import Membership
from tests.nodes.agent.documents import CLUSTER
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.leader import NOTHING, StubLeader, running_leader
from tests.nodes.agent.members import MakeMember
from tests.nodes.agent.syncing import Node, refusal, state_answer


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


def way(stub: StubLeader) -> dict[str, Any]:
    return {"console_url": stub.url, "tls_fingerprint": stub.fingerprint}


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


def not_leader(named: int | None = None) -> tuple[int, dict[str, Any]]:
    leader = {"id": named, "console_url": "https://192.0.2.99"} if named else None
    return 409, {"code": "not_leader", "detail": "No.", "leader": leader}


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


# Liars


@pytest.fixture
def liar(fleet: Fleet, old: StubLeader, new: StubLeader) -> StubLeader:
    """Node 2 says that it leads, with its own valid key, and with nobody's leave."""
    old.answers.append(not_leader())
    new.leadership = {"role": "leader", "term": 2, "leader": 2}
    commands = [{"id": 1, "verb": "greet", "arguments": {"word": "obey"}}]
    new.answers.append(
        (200, {**NOTHING[1], "state": fleet.force(2), "commands": commands, "facts_wanted": True})
    )
    return new


def test_nobody_follows_a_liar(node: Node, third: Membership, liar: StubLeader) -> None:
    node.step()
    assert len(liar.bodies) == 1
    assert follows(third) == (1, 1)
    assert third.refused is not None
    assert third.refused["code"] == "state_leader_not_authorised"


def test_liar_is_reported_to_the_leader(
    node: Node, third: Membership, old: StubLeader, liar: StubLeader
) -> None:
    node.step()
    node.step()
    assert old.bodies[-1]["health"]["refused_state"]["code"] == "state_leader_not_authorised"


def test_liar_learns_nothing_and_commands_nothing(
    node: Node, third: Membership, liar: StubLeader
) -> None:
    node.step()
    [body] = liar.bodies
    assert not any(body.values())
    assert node.commands.results() == []


def test_token_for_one_door_opens_no_other(node: Node, third: Membership, liar: StubLeader) -> None:
    """A liar that passes it on is refused by the leader: the audience is the liar itself."""
    node.step()
    [token] = liar.tokens
    key = third.keys.public.identity_key
    claims = tokens.verify(token, key=key, audience=f"{CLUSTER}/2", now=time.time())
    assert claims.issuer == "3"


def test_liars_clock_does_not_become_ours(node: Node, third: Membership, liar: StubLeader) -> None:
    liar.clock_ahead = 3600
    liar.answers.insert(0, refusal("clock_skew"))
    node.step()
    assert len(liar.bodies) == 2
    assert tokens.read_unverified(liar.tokens[1]).issued_at > time.time() + 3000
    assert third.issuer.offset == 0


def test_other_certificate_is_not_courted(
    make_member: MakeMember, old: StubLeader, new: StubLeader, tmp_path: Path
) -> None:
    wrong = {**way(new), "tls_fingerprint": "ab" * 32}
    fleet = Fleet(make_member, changes={1: way(old), 2: wrong})
    node = Node(fleet[3], certificate=tmp_path / "none")
    old.answers.append(not_leader(2))
    node.step()
    assert new.paths == []


# The farewell


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
    assert set(old.bodies[1]["deeds"][0]) == {"id", "at", "by", "verb", "node_id"}
