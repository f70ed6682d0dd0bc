"""The leader's vigil: whom it asks, what it makes of the answers, and that it never waits long."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import attestation, signing
from nodes.agent.history import Contest
from nodes.agent.membership import Membership
from nodes.agent.state import Member
from nodes.agent.succession import Leadership, sign_claim
from nodes.agent.sync.asking import Said, ask_all
from nodes.agent.sync.vigil import Vigil, make_case
from tests.nodes.agent.documents import CLUSTER, RECOVERY_KEY
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.leader import NOTHING, StubLeader
from tests.nodes.agent.members import MakeMember, alone
from tests.nodes.agent.syncing import Node


class Cluster:
    """A leader, node 1, and what the others would answer it."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.answers: dict[int, dict[str, Any]] = {}
        self.asked: list[list[int]] = []
        self.vigil = Vigil(fleet[1], ask_all=self.ask_all)

    @property
    def leader(self) -> Membership:
        return self.fleet[1]

    def ask_all(self, members: Sequence[Member]) -> list[Said]:
        self.asked.append(sorted(member.id for member in members))
        reached = [member for member in members if member.id in self.answers]
        return [Said(member, self.answers[member.id]) for member in reached]

    def answer(self, number: int, **changes: Any) -> None:
        """Node ``number`` can be asked, and tells what it is."""
        record = self.fleet[number].record
        leader = record.leader
        self.answers[number] = {
            "role": record.role,
            "term": record.term,
            "leader": leader.id if leader else None,
            "leader_url": leader.console_url if leader else None,
            "claim": self.fleet[number].attest(),
            "handover": None,
            **changes,
        }

    def look(self, *silent: int) -> None:
        self.vigil.note(silent)
        self.vigil.step()


@pytest.fixture
def cluster(make_member: MakeMember) -> Cluster:
    """Four nodes, of which node 2 leads term 2 by root's word, and node 3 follows it."""
    fleet = Fleet(make_member, 4)
    jws = fleet.force(2)
    fleet[3].follow(node_id=2, by="root")
    fleet[3].receive(jws)
    return Cluster(fleet)


def test_leader_asks_whom_it_does_not_hear(cluster: Cluster) -> None:
    cluster.look(3)
    assert cluster.asked == [[3]]


def test_leader_that_does_not_hear_itself_asks_everybody(cluster: Cluster) -> None:
    """A leader that comes back asks before its own web is up."""
    cluster.vigil.note(None)
    cluster.vigil.step()
    assert cluster.asked == [[2, 3, 4]]


def test_leader_that_hears_from_nobody_stays(cluster: Cluster) -> None:
    cluster.look(2, 3, 4)
    assert (cluster.leader.record.role, cluster.leader.record.contested) == ("leader", ())


def test_returning_leader_is_deposed_by_a_majority(
    cluster: Cluster, make_member: MakeMember
) -> None:
    built_on = {"term": 1, "generation": 3, "events": 17}
    cluster.answer(2, built_on=built_on)
    cluster.answer(3)
    cluster.look(2, 3, 4)
    record = make_member(1).record
    assert record.role == "deposed"
    assert record.successor is not None
    assert (record.successor.id, record.successor.term) == (2, 2)
    assert record.successor.fqdn == "node2.example.org"
    assert record.successor.built_on == built_on


def test_one_voice_of_three_contests(cluster: Cluster) -> None:
    cluster.answer(3)
    cluster.look(2, 3, 4)
    assert cluster.leader.record.role == "leader"
    assert cluster.leader.record.contested == (Contest(node_id=3, term=2, leader=2),)


def test_doubt_ends_when_nobody_says_so_any_more(cluster: Cluster) -> None:
    cluster.answer(3)
    cluster.look(3)
    cluster.answers.clear()
    cluster.look()
    assert cluster.asked[-1] == [3]
    assert cluster.leader.record.contested == ()


def test_claim_that_another_has_signed_is_not_heard(cluster: Cluster) -> None:
    """One liar that answers for others is one voice."""
    cluster.answer(3)
    cluster.answer(4, claim=cluster.fleet[3].attest())
    cluster.look(3, 4)
    assert [one.node_id for one in cluster.leader.record.contested] == [3]


@pytest.mark.parametrize("claim", [None, "", "nonsense", 7, {"term": 9}], ids=str)
def test_unsigned_claim_is_not_heard(cluster: Cluster, claim: Any) -> None:
    cluster.answer(3, claim=claim)
    cluster.look(3)
    assert cluster.leader.record.contested == ()


def test_nonsense_of_a_liar_does_not_end_the_vigil(cluster: Cluster) -> None:
    """Its own key signs well; what it says can be read by nobody."""
    key = cluster.fleet[3].keys.identity
    too_deep = signing.sign(b"[" * 100_000, key=key, key_id="3", kind=attestation.KIND)
    cluster.answer(3, claim=too_deep, handover={"signed": too_deep})

    cluster.look(3)

    assert (cluster.leader.record.role, cluster.leader.record.contested) == ("leader", ())


def test_worker_that_claims_the_lead_alone_only_raises_an_alarm(cluster: Cluster) -> None:
    cluster.answer(2)
    cluster.look(2)
    assert cluster.leader.record.role == "leader"
    assert cluster.leader.record.contested == (Contest(node_id=2, term=2, leader=2),)


def test_proof_by_the_recovery_key_is_enough(cluster: Cluster) -> None:
    to = Leadership(2, 2, cluster.fleet[2].keys.public.identity_key)
    cluster.answer(2, handover=sign_claim(cluster=CLUSTER, to=to, key=RECOVERY_KEY))
    cluster.look(2)
    assert cluster.leader.record.role == "deposed"


def test_worker_keeps_no_vigil(cluster: Cluster) -> None:
    vigil = Vigil(cluster.fleet[3], ask_all=cluster.ask_all)
    vigil.note(None)
    vigil.step()
    assert make_case(cluster.fleet[3].holding) is None
    assert cluster.asked == [[]]


def test_idle_vigil_sleeps(cluster: Cluster) -> None:
    cluster.vigil.note(())
    assert not cluster.vigil._called.is_set()


# Asking


class Slow:
    """Nodes that answer when they are let; counts how many are asked at once."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.asked = threading.Semaphore(0)
        self.at_once = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, member: Member) -> Said | None:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.asked.release()
        self.gate.wait(30)
        with self._lock:
            self.at_once -= 1
        return Said(member, {"role": "worker", "term": 1})


def members(cluster: Cluster) -> list[Member]:
    state = cluster.leader.holding.state
    return list(state.members if state else ()) * 4


def test_round_ends_in_time_and_asks_few_at_once(cluster: Cluster) -> None:
    slow = Slow()
    began = time.monotonic()
    assert ask_all(members(cluster), ask=slow, seconds=0.5) == []
    assert time.monotonic() - began < 10
    assert [slow.asked.acquire(timeout=5) for _ in range(4)] == [True] * 4
    slow.gate.set()
    assert slow.most == 4


def test_everybody_is_asked(cluster: Cluster) -> None:
    slow = Slow()
    slow.gate.set()
    assert len(ask_all(members(cluster), ask=slow)) == 16


def test_one_answer_may_be_enough(cluster: Cluster) -> None:
    slow = Slow()
    slow.gate.set()
    assert len(ask_all(members(cluster), ask=slow, is_enough=lambda said: True)) == 1


def test_node_that_does_not_answer_is_left_out(cluster: Cluster) -> None:
    assert ask_all(members(cluster), ask=lambda member: None) == []


@pytest.mark.parametrize("body", [{}, {"term": "9", "leader": [], "leader_url": "ftp://x"}])
def test_nonsense_is_an_answer_without_content(cluster: Cluster, body: dict[str, Any]) -> None:
    said = Said(members(cluster)[0], body)
    assert (said.term, said.leader, said.leads, said.leader_url) == (0, 0, False, "")
    assert said.built_on is None


# Who sets it going


@pytest.fixture
def leading(leader: Membership, stub: StubLeader, tmp_path: Path) -> Node:
    """Node 1, which leads, with its own web."""
    leader.lead(alone(leader))
    return Node(leader, certificate=tmp_path / "leader.pem", console_port=stub.server_port)


def test_leader_keeps_vigil_over_whom_its_web_does_not_hear(
    leading: Node, stub: StubLeader
) -> None:
    stub.answers.append((200, {**NOTHING[1], "silent": [2, 3]}))
    leading.step()
    assert leading.vigil._silent == frozenset({2, 3})


def test_leader_whose_web_is_silent_keeps_vigil_over_everybody(
    leading: Node, stub: StubLeader
) -> None:
    stub.answers.append((503, {"code": "unavailable"}))
    leading.step()
    assert leading.vigil._silent is None
