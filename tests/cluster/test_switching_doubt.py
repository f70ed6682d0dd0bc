"""Root's word on a leader that is in doubt or deposed: it stays, or it follows."""

from pathlib import Path
from typing import Any

import pytest

from audit.actions import AuditAction
from audit.models import AuditEvent
from audit.services import head, record
from cluster import state
from cluster.errors.leadership import (
    DeposedCannotLead,
    LeaderWorks,
    NodeIsAlreadyLeader,
    NotAMember,
)
from cluster.models import Cluster, SignedState
from cluster.services import reasserting, switching
from cluster.services.switching import Course
from nodes.agent.history import Contest
from nodes.local_agent import AgentRefused
from tests.cluster.factories import ADMIN
from tests.cluster.fleets import Fleet
from tests.cluster.switching import ROOT, fleet, snapshot, stops
from tests.fakes import FakeAgent

__all__ = ["fleet"]
pytestmark = pytest.mark.django_db


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
    monkeypatch.setattr(FakeAgent, "lead", stops)
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
