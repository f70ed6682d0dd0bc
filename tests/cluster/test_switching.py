"""Root's word on who leads: what it changes, and what it leaves alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Administrator
from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import AuditEvent
from audit.services import head, record
from cluster import recovery_key, state
from cluster.errors.leadership import (
    DeposedCannotLead,
    LeaderWorks,
    NodeIsAlreadyLeader,
    NodeNotEligible,
    NotAMember,
    RecoveryKeyWrong,
)
from cluster.models import Cluster, Operation, SignedState
from cluster.services import reasserting, switching
from cluster.services.switching import Course
from nodes.agent import document
from nodes.agent.history import Contest
from nodes.errors import EndpointInvalid, NodeNotFound
from nodes.local_agent import AgentRefused
from nodes.models import Node
from tests.accounts.factories import make_administrator
from tests.cluster.factories import ADMIN, create_cluster
from tests.cluster.fleets import Fleet, make_fleet
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
ROOT = Actor.root()


@pytest.fixture
def fleet(fleet: Fleet) -> Fleet:
    """Three nodes; this machine is node 3, and node 1 leads."""
    fleet.become(3)
    return fleet


@pytest.fixture
def contested(fleet: Fleet) -> FakeAgent:
    """This machine is node 1, and node 2 says that node 3 leads term 2."""
    agent = fleet.become(1)
    agent.contest(Contest(node_id=2, term=2, leader=3))
    return agent


@pytest.fixture
def deposed(fleet: Fleet) -> FakeAgent:
    """This machine is node 1, and node 3 leads term 2."""
    agent = fleet.become(1)
    agent.depose(by=3, term=2)
    return agent


def test_node_leads_the_next_term_from_the_state_that_it_holds(fleet: Fleet) -> None:
    """S39, S41."""
    held = fleet.agents[3].status()["state"]

    switched = switching.lead_here(actor=ROOT)

    cluster, status = Cluster.objects.get(), fleet.agents[3].status()
    assert (status["role"], status["term"], switched.leader) == ("leader", 2, 3)
    assert cluster.term == 2
    assert held is not None
    assert cluster.built_on is not None
    assert cluster.built_on["generation"] == held["generation"]
    assert Node.objects.get(role=Node.Role.LEADER).pk == 3


def test_its_first_state_is_there_to_be_pulled(fleet: Fleet) -> None:
    switching.lead_here(actor=ROOT)

    signed = document.read_unverified(SignedState.objects.get().jws)
    assert (signed["term"], signed["leader"]) == (2, 3)


def test_administrators_come_with_the_state(fleet: Fleet) -> None:
    fleet.become(1)
    make_administrator("alice")
    state.bump()
    fleet.spread()
    Administrator.objects.all().delete()
    fleet.become(3)

    switching.lead_here(actor=ROOT)

    assert Administrator.objects.get().username == "alice"


def test_takeover_is_roots_in_the_audit_trail(fleet: Fleet) -> None:
    """S44."""
    switching.lead_here(actor=ROOT)

    taken = AuditEvent.objects.get(action="leadership.taken")
    assert (taken.user_kind, taken.interface, taken.details["reason"]) == (
        "root",
        "command",
        "root",
    )


def test_new_endpoint_goes_out_with_the_first_state(fleet: Fleet) -> None:
    """S41."""
    switching.lead_here(actor=ROOT, endpoint="Vpn.example.org:4500")

    assert Node.objects.get(pk=3).endpoint == "vpn.example.org:4500"


def test_takeover_that_stopped_before_the_agent_knew_is_repeated(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.agents[3].available, whole = True, FakeAgent.lead
    monkeypatch.setattr(FakeAgent, "lead", _stops)
    with pytest.raises(KeyboardInterrupt):
        switching.lead_here(actor=ROOT)
    monkeypatch.setattr(FakeAgent, "lead", whole)

    switching.lead_here(actor=ROOT)

    assert fleet.agents[3].status()["role"] == "leader"
    assert AuditEvent.objects.filter(action="leadership.taken").count() == 1


def test_takeover_that_stopped_before_its_state_was_stored_is_finished(fleet: Fleet) -> None:
    switching.lead_here(actor=ROOT)
    SignedState.objects.all().delete()

    course = switching.choose(3)
    switching.lead_here(actor=ROOT)

    assert course == Course.LEAD
    assert SignedState.objects.get().term == 2


def test_lost_leader_that_may_have_handed_over_is_passed_by_two_terms(fleet: Fleet) -> None:
    """Node 2 may hold a link for the next term: nobody else shall lead that one."""
    fleet.become(1)
    Operation.objects.create(
        kind="promote", node_id=2, actor={}, deadline="2100-01-01T00:00:00+00:00"
    )
    state.bump()
    fleet.spread()
    fleet.become(3)

    assert switching.lead_here(actor=ROOT).term == 3


def _stops(*_: Any, **__: Any) -> str:
    raise KeyboardInterrupt


def test_recovery_key_alone_convinces_the_others(
    db: None,
    local_agent: FakeAgent,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    text, public = recovery_key.generate()
    monkeypatch.setattr(recovery_key, "generate", lambda: (text, public))
    create_cluster()
    fleet = make_fleet(tmp_path, local_agent, monkeypatch=monkeypatch, settings=settings)
    fleet.become(3)

    switching.lead_here(actor=ROOT, recovery_key=recovery_key.parse(text))
    fleet.agents[2].receive(SignedState.objects.get().jws)

    assert fleet.agents[2].status()["leader"]["id"] == 3  # type: ignore[index]  # it has one


def test_recovery_key_of_another_cluster_changes_nothing(fleet: Fleet) -> None:
    other = recovery_key.parse(recovery_key.generate()[0])
    before = snapshot(fleet, 3)

    with pytest.raises(RecoveryKeyWrong):
        switching.lead_here(actor=ROOT, recovery_key=other)

    assert snapshot(fleet, 3) == before


def test_endpoint_that_does_not_parse_changes_nothing(fleet: Fleet) -> None:
    before = snapshot(fleet, 3)

    with pytest.raises(EndpointInvalid):
        switching.lead_here(actor=ROOT, endpoint="node3.example.org")

    assert snapshot(fleet, 3) == before


def test_other_worker_approves_and_follows_once_there_is_a_leader(fleet: Fleet) -> None:
    """S41: in any order."""
    agent = fleet.become(2)
    above_term = switching.follow(actor=ROOT, node_id=3)
    waiting = switching.has_followed(3, above_term=above_term)
    fleet.become(3)
    switching.lead_here(actor=ROOT)
    fleet.become(2)

    agent.receive(SignedState.objects.get().jws)

    assert not waiting
    assert switching.has_followed(3, above_term=above_term)


def test_approving_again_is_harmless(fleet: Fleet) -> None:
    fleet.become(2)
    switching.follow(actor=ROOT, node_id=3)
    before = snapshot(fleet, 2)

    switching.follow(actor=ROOT, node_id=3)

    assert snapshot(fleet, 2) == before


def test_unknown_node_is_followed_by_nobody(fleet: Fleet) -> None:
    fleet.become(2)
    before = snapshot(fleet, 2)

    with pytest.raises(AgentRefused) as refused:
        switching.follow(actor=ROOT, node_id=9)

    assert (refused.value.code, snapshot(fleet, 2)) == ("node_not_found", before)


def test_number_that_no_node_can_have_is_unknown(fleet: Fleet) -> None:
    with pytest.raises(NodeNotFound):
        switching.choose(0)


def test_ineligible_node_is_followed_by_nobody(fleet: Fleet) -> None:
    make_ineligible(fleet, 3)
    fleet.become(2)
    before = snapshot(fleet, 2)

    with pytest.raises(AgentRefused) as refused:
        switching.follow(actor=ROOT, node_id=3)

    assert (refused.value.code, snapshot(fleet, 2)) == ("node_not_eligible", before)


def test_ineligible_node_does_not_lead(fleet: Fleet) -> None:
    make_ineligible(fleet, 3)
    fleet.become(3)
    before = snapshot(fleet, 3)

    with pytest.raises(NodeNotEligible):
        switching.choose(3)

    assert snapshot(fleet, 3) == before


@pytest.mark.parametrize(("node_id", "error"), [(1, NodeIsAlreadyLeader), (2, LeaderWorks)])
def test_leader_that_works_is_not_switched(fleet: Fleet, node_id: int, error: Any) -> None:
    fleet.become(1)
    before = snapshot(fleet, 1)

    with pytest.raises(error):
        switching.choose(node_id)

    assert snapshot(fleet, 1) == before


def test_leader_that_works_follows_nobody(fleet: Fleet) -> None:
    fleet.become(1)

    with pytest.raises(LeaderWorks):
        switching.follow(actor=ADMIN, node_id=3)


def test_new_machine_has_no_leader_to_switch(local_agent: FakeAgent) -> None:
    before = local_agent.node_file.read_bytes()

    with pytest.raises(NotAMember):
        switching.choose(1)

    assert local_agent.node_file.read_bytes() == before


def test_removed_node_has_no_leader_to_switch(fleet: Fleet) -> None:
    keys = fleet.agents[3].status()["keys"]
    farewell = fleet.agents[1].farewell(node_id=3, identity_key=keys["identity_key"])
    agent = fleet.become(3)
    agent.depart(farewell)
    before = agent.node_file.read_bytes()

    with pytest.raises(NotAMember):
        switching.choose(2)

    assert agent.node_file.read_bytes() == before


def test_state_that_is_held_says_how_old_it_is(fleet: Fleet) -> None:
    loss = switching.describe_loss()

    assert (loss.term, loss.generation) == (1, fleet.agents[3].status()["generation"])
    assert 0 <= loss.age.total_seconds() < 60


def test_leader_in_doubt_stays_with_a_later_term(contested: FakeAgent) -> None:
    course = switching.choose(1)

    switched = reasserting.reassert(actor=ROOT)

    assert course == Course.REASSERT
    assert (switched.term, contested.status()["term"]) == (3, 3)
    assert contested.status()["contested"] == []


def test_leader_that_stayed_signs_on(contested: FakeAgent) -> None:
    reasserting.reassert(actor=ROOT)
    state.bump()

    signed = state.publish()

    assert signed is not None
    assert (signed.term, signed.generation) == (3, Cluster.objects.get().generation)


def test_worker_that_never_followed_another_believes_the_leader_that_stayed(
    fleet: Fleet, contested: FakeAgent
) -> None:
    reasserting.reassert(actor=ROOT)

    fleet.agents[3].receive(SignedState.objects.first().jws)  # type: ignore[union-attr]  # signed

    assert fleet.agents[3].status()["term"] == 3


def test_staying_is_recorded_once_although_it_is_repeated(
    contested: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FakeAgent.lead
    monkeypatch.setattr(FakeAgent, "lead", _stops)
    with pytest.raises(KeyboardInterrupt):
        reasserting.reassert(actor=ROOT)
    monkeypatch.setattr(FakeAgent, "lead", whole)

    reasserting.reassert(actor=ROOT)

    event = AuditEvent.objects.get(action="leadership.reasserted")
    assert (event.details["term"], contested.status()["term"]) == (3, 3)


def test_leader_in_doubt_follows_whom_root_names(contested: FakeAgent) -> None:
    course = switching.choose(3)

    switching.follow(actor=ROOT, node_id=3)

    assert course == Course.FOLLOW
    assert contested.status()["role"] == "worker"


def test_leader_without_doubt_has_nothing_to_stay_against(fleet: Fleet) -> None:
    fleet.become(1)

    with pytest.raises(NodeIsAlreadyLeader):
        reasserting.reassert(actor=ROOT)


def test_worker_has_no_leadership_to_stay_in(fleet: Fleet) -> None:
    with pytest.raises(NotAMember):
        reasserting.reassert(actor=ROOT)


def test_deposed_leader_follows(deposed: FakeAgent) -> None:
    above_term = switching.follow(actor=ROOT, node_id=3)

    assert deposed.status()["role"] == "worker"
    assert not switching.has_followed(3, above_term=above_term)


def test_deposed_leader_that_follows_is_in_its_own_trail(deposed: FakeAgent) -> None:
    """S44."""
    switching.follow(actor=ADMIN, node_id=3)

    event = AuditEvent.objects.get(action="leadership.followed")
    assert (event.user, event.details["leader"]) == ("alice", 3)


def test_deposed_leader_has_the_new_one_told_how_much_came_too_late(fleet: Fleet) -> None:
    agent = fleet.become(1)
    agent.depose(by=3, term=2, built_on={"term": 1, "generation": 1, "events": head()["count"]})
    record(AuditAction.NODE_CHANGED, actor=ADMIN)

    switching.follow(actor=ROOT, node_id=3)

    assert [deed.late_changes for deed in agent.membership.record.deeds] == [1]


def test_deposed_leader_does_not_lead_by_roots_word(deposed: FakeAgent, fleet: Fleet) -> None:
    before = snapshot(fleet, 1)

    with pytest.raises(DeposedCannotLead, match="switch-leader --node 3"):
        switching.choose(1)

    assert snapshot(fleet, 1) == before


def test_refused_following_is_not_recorded(deposed: FakeAgent) -> None:
    with pytest.raises(AgentRefused):
        switching.follow(actor=ROOT, node_id=9)

    assert not AuditEvent.objects.filter(action="leadership.followed").exists()


def test_refused_following_keeps_nothing_aside(
    deposed: FakeAgent, settings: Any, tmp_path: Path
) -> None:
    settings.STATE_DIR = tmp_path

    with pytest.raises(AgentRefused):
        switching.follow(actor=ROOT, node_id=9)

    assert list((tmp_path / "kept").iterdir()) == []


def test_refused_following_leaves_what_a_granted_one_kept(
    deposed: FakeAgent, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both came at the same time, and the other one was first."""
    settings.STATE_DIR, follow = tmp_path, deposed.follow

    def come_second(**wanted: Any) -> Any:
        follow(node_id=3, by="root")
        return follow(**wanted)

    monkeypatch.setattr(deposed, "follow", come_second)
    with pytest.raises(AgentRefused):
        switching.follow(actor=ROOT, node_id=9)

    assert (tmp_path / "kept" / "term1" / "late-writes.jsonl").exists()


def test_leader_that_came_back_knows_whom_to_follow(deposed: FakeAgent) -> None:
    assert switching.find_claimant() == 3


def test_leader_in_doubt_knows_whom_to_follow(contested: FakeAgent) -> None:
    assert switching.find_claimant() == 3


def test_leader_that_works_knows_nobody_to_follow(fleet: Fleet) -> None:
    fleet.become(1)

    with pytest.raises(LeaderWorks):
        switching.find_claimant()


def make_ineligible(fleet: Fleet, number: int) -> None:
    fleet.become(1)
    Node.objects.filter(pk=number).update(eligible=False)
    state.bump()
    fleet.spread()


def snapshot(fleet: Fleet, number: int) -> tuple[bytes, str]:
    """All that a refusal must leave alone: ``node.json``, and the tables."""
    rows = {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in (Cluster, Node, Operation, SignedState, AuditEvent, Administrator)
    }
    return fleet.agents[number].node_file.read_bytes(), json.dumps(rows, default=str)
