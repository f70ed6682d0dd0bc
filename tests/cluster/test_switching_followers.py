"""Root's word on the nodes that follow: whom they believe, and what is refused."""

import pytest

from cluster.models import SignedState
from cluster.services import switching
from nodes.errors import NodeNotFound
from nodes.local_agent import AgentRefused
from tests.cluster.fleets import Fleet
from tests.cluster.switching import ROOT, fleet, make_ineligible, snapshot

__all__ = ["fleet"]
pytestmark = pytest.mark.django_db


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
