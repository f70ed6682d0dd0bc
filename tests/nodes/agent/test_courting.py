"""A liar that a worker courts gets nothing from it, and gets it nowhere."""

import time
from pathlib import Path

import pytest

from nodes.agent import tokens
from nodes.agent.membership import Membership
from tests.nodes.agent.documents import CLUSTER
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.leader import NOTHING, StubLeader
from tests.nodes.agent.members import MakeMember
from tests.nodes.agent.syncing import Node, not_leader, refusal, way


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
    assert third.record.term == 1
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
