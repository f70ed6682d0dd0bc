"""Root's word on who leads: what it changes, and what it leaves alone."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Administrator
from audit.models import AuditEvent
from cluster import recovery_key, state
from cluster.errors.leadership import (
    LeaderWorks,
    NodeIsAlreadyLeader,
    NodeNotEligible,
    NotAMember,
    RecoveryKeyWrong,
)
from cluster.models import Cluster, Operation, SignedState
from cluster.services import switching
from cluster.services.switching import Course
from nodes.agent import document
from nodes.errors import EndpointInvalid
from nodes.models import Node
from tests.accounts.factories import make_administrator
from tests.cluster.factories import ADMIN, create_cluster
from tests.cluster.fleets import Fleet, make_fleet
from tests.cluster.switching import ROOT, fleet, make_ineligible, snapshot, stops
from tests.fakes import FakeAgent

__all__ = ["fleet"]
pytestmark = pytest.mark.django_db


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
    monkeypatch.setattr(FakeAgent, "lead", stops)
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
