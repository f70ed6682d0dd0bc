"""Django's way to the agent when leadership moves: every call of it, with real keys and rules."""

from pathlib import Path
from typing import Any

import pytest

from nodes import role
from nodes.agent import attestation
from nodes.agent.history import Contest
from nodes.agent.state import Member
from nodes.local_agent import AgentRefused
from nodes.role import Role
from tests.fakes import FakeAgent
from tests.nodes.agent.documents import CLUSTER, FINGERPRINT, make_document, make_node


class Pair:
    """Node 1 leads, node 2 follows; each has an agent."""

    def __init__(self, first: FakeAgent, second: FakeAgent) -> None:
        self.first, self.second = first, second
        first.lead(make_document(self.entry(1)))
        pin = {
            "identity_key": first.status()["keys"]["identity_key"],
            "tls_fingerprint": FINGERPRINT,
            "console_url": "https://192.0.2.1:8443",
        }
        joining = make_document(self.entry(1), self.entry(2, status="joining"), generation=2)
        second.adopt(jws=first.sign(joining), node_id=2, leader=pin)
        second.pledge()
        second.receive(first.sign(self.document(generation=3)))

    def entry(self, number: int, **changes: Any) -> dict[str, Any]:
        keys: Any = (self.first, self.second)[number - 1].status()["keys"]
        return make_node(number, keys, **changes)

    def document(self, **changes: Any) -> dict[str, Any]:
        return make_document(self.entry(1), self.entry(2), **changes)


@pytest.fixture
def pair(local_agent: FakeAgent, tmp_path: Path) -> Pair:
    """This machine is node 1."""
    return Pair(local_agent, FakeAgent(tmp_path / "second", fqdn="node2.example.org"))


def refusal(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(AgentRefused) as refused:
        call(**arguments)
    return refused.value.code, refused.value.status


def test_status_tells_the_held_state(pair: Pair) -> None:
    status = pair.second.status()
    assert status["state"] == {
        "term": 1,
        "generation": 3,
        "issued_at": "2026-11-22T10:00:00Z",
    }
    assert status["eligible"] is True


def test_status_of_a_new_machine_tells_no_state(local_agent: FakeAgent) -> None:
    status = local_agent.status()
    assert (status["state"], status["eligible"], status["approvals"]) == (None, None, [])
    assert (status["handed_over"], status["successor"], status["removed"]) == (None, None, None)
    assert status["contested"] == []


def test_lead_is_handed_over_and_taken(pair: Pair) -> None:
    handover = pair.first.hand_over(to=2, generation=3)
    assert pair.first.status()["handed_over"] == {"term": 2, "to": 2}
    jws = pair.second.lead(pair.document(term=2, leader=2, handover=handover))
    pair.first.receive(jws=jws)
    assert (pair.first.status()["role"], pair.second.status()["role"]) == ("worker", "leader")
    current = role.current()
    assert (current.role, current.term) == (Role.WORKER, 2)
    assert current.leader is not None
    assert current.leader.id == 2
    assert current.handed_over is not None
    assert (current.handed_over["term"], current.handed_over["to"]) == (2, 2)


def test_lead_is_taken_by_roots_word(pair: Pair) -> None:
    document = pair.document(term=2, leader=2)
    assert refusal(pair.second.lead, document=document) == ("state_leader_not_authorised", 400)
    pair.second.lead(document, approved=True)
    assert pair.second.status()["role"] == "leader"


def test_state_without_authority_is_not_received(pair: Pair) -> None:
    jws = pair.second.lead(pair.document(term=2, leader=2), approved=True)
    assert refusal(pair.first.receive, jws=jws) == ("state_leader_not_authorised", 400)


def test_leader_reasserts(pair: Pair) -> None:
    asserted = pair.first.reassert(above=3)
    assert asserted["term"] == 4
    pair.second.receive(
        pair.first.lead(pair.document(term=4, generation=4, handover=asserted["handover"]))
    )
    assert pair.second.status()["term"] == 4


def test_approval_shows_in_the_status(pair: Pair) -> None:
    pair.first.contest(Contest(node_id=2, term=2, leader=2))
    assert pair.first.follow(node_id=2, by="root@node1") == {"above_term": 1}
    assert pair.first.status()["approvals"] == [{"node_id": 2, "above_term": 1}]


def test_words_that_make_no_sense_have_their_codes(pair: Pair, tmp_path: Path) -> None:
    fresh = FakeAgent(tmp_path / "fresh")
    follow = {"by": "root"}
    assert refusal(pair.first.follow, node_id=2, **follow) == ("node_is_leader", 409)
    assert refusal(pair.second.follow, node_id=1, **follow) == ("node_is_already_leader", 409)
    assert refusal(pair.second.follow, node_id=9, **follow) == ("node_not_found", 404)
    assert refusal(fresh.follow, node_id=2, **follow) == ("not_a_member", 409)
    pair.second.receive(
        pair.first.sign(make_document(pair.entry(1), pair.entry(2, eligible=False), generation=4))
    )
    assert refusal(pair.second.follow, node_id=2, **follow) == ("node_not_eligible", 409)


def test_every_member_attests_its_leader(pair: Pair) -> None:
    member = Member.parse(pair.entry(2))
    said = attestation.read(pair.second.attest(), member=member, cluster=CLUSTER)
    assert (said.term, said.leader) == (1, 1)


def test_removed_node_starts_clean(pair: Pair) -> None:
    before = pair.second.status()["keys"]
    word = pair.first.farewell(node_id=2, identity_key=before["identity_key"])
    pair.second.depart(word)
    status = pair.second.status()
    assert status["role"] == "removed"
    assert status["removed"] is not None
    assert status["removed"]["leader"] == 1
    pair.second.clean_start()
    assert pair.second.status()["role"] == "uninitialised"
    assert pair.second.status()["keys"] != before
    assert pair.second.machine.reconciled == 1


def test_member_does_not_start_clean(pair: Pair) -> None:
    assert refusal(pair.second.clean_start) == ("node_not_removed", 409)


def test_contest_shows_in_status_and_role(pair: Pair) -> None:
    pair.first.contest(Contest(node_id=2, term=4, leader=2))
    told = {"node_id": 2, "term": 4, "leader": 2}
    assert pair.first.status()["contested"] == [told]
    assert role.current().contested == (told,)
    assert role.current().is_contested
    pair.first.contest()
    assert not role.current().is_contested


def test_deposed_leader_shows_in_status_and_role(pair: Pair) -> None:
    pair.first.depose(by=2, term=2)
    successor = pair.first.status()["successor"]
    assert successor is not None
    assert (successor["id"], successor["term"]) == (2, 2)
    assert successor["console_url"] == "https://192.0.2.2:8443"
    current = role.current()
    assert (current.role, current.successor) == (Role.DEPOSED, successor)


def test_new_name_reaches_the_node_with_the_state(pair: Pair) -> None:
    renamed = make_document(pair.entry(1, fqdn="lead.example.org"), pair.entry(2), generation=4)
    pair.first.sign(renamed)
    assert role.current().fqdn == "lead.example.org"
