"""A planned change of leader, as the memberships see it: never two leaders, never a lost link."""

from typing import Any

import pytest

from nodes.agent.errors import (
    GenerationNotHeld,
    LeaderNotAuthorised,
    NotEligible,
    NotLeader,
    NotListed,
    TermNotNewer,
    UnknownNode,
)
from nodes.agent.history import Contest
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember


@pytest.fixture
def fleet(make_member: MakeMember) -> Fleet:
    return Fleet(make_member)


def test_leader_that_handed_over_is_a_worker_of_the_next(fleet: Fleet) -> None:
    fleet[1].hand_over(to=2, generation=3)
    record = fleet[1].record
    assert (record.role, record.term) == ("worker", 2)
    assert record.leader is not None
    assert record.leader.id == 2


def test_leader_that_handed_over_signs_nothing_more(fleet: Fleet) -> None:
    fleet[1].hand_over(to=2, generation=3)
    with pytest.raises(NotLeader):
        fleet[1].sign(fleet.document(generation=4))


def test_link_is_durable_before_it_is_given(fleet: Fleet, make_member: MakeMember) -> None:
    link = fleet[1].hand_over(to=2, generation=3)
    again = make_member(1)
    assert again.record.role == "worker"
    assert again.holding.generation == 3
    assert again.hand_over(to=2, generation=3) == link


def test_link_is_the_same_after_the_new_leader_is_followed(fleet: Fleet) -> None:
    link = fleet[1].hand_over(to=2, generation=3)
    fleet[1].receive(fleet[2].lead(fleet.document(term=2, leader=2, handover=link)))
    assert fleet[1].hand_over(to=2, generation=3) == link


def test_leadership_is_given_to_one_node_only(fleet: Fleet) -> None:
    fleet[1].hand_over(to=2, generation=3)
    with pytest.raises(NotLeader):
        fleet[1].hand_over(to=3, generation=3)


def test_generation_that_is_not_held_is_not_handed_over(fleet: Fleet) -> None:
    """A change that was signed meanwhile would be lost."""
    fleet[1].sign(fleet.document(generation=4))
    with pytest.raises(GenerationNotHeld):
        fleet[1].hand_over(to=2, generation=3)
    assert fleet[1].record.role == "leader"


@pytest.mark.parametrize("changes", [{"eligible": False}, {"status": "removing"}], ids=str)
def test_leadership_is_not_given_to_who_may_not_have_it(
    fleet: Fleet, changes: dict[str, Any]
) -> None:
    fleet.changes[2] = changes
    fleet[1].sign(fleet.document(generation=4))
    with pytest.raises(NotEligible):
        fleet[1].hand_over(to=2, generation=4)
    assert fleet[1].record.role == "leader"


def test_leadership_is_not_given_to_itself_or_a_stranger(fleet: Fleet) -> None:
    with pytest.raises(NotEligible):
        fleet[1].hand_over(to=1, generation=3)
    with pytest.raises(UnknownNode):
        fleet[1].hand_over(to=9, generation=3)


def test_worker_hands_nothing_over(fleet: Fleet) -> None:
    with pytest.raises(NotLeader):
        fleet[2].hand_over(to=3, generation=3)


def test_everybody_follows_the_new_leader(fleet: Fleet) -> None:
    fleet.tell(fleet.hand_over(2), but=2)
    followed = {number: one.record.leader for number, one in fleet.members.items()}
    assert {number: leader and leader.id for number, leader in followed.items()} == {
        1: 2,
        2: 2,
        3: 2,
    }
    assert [one.record.role for one in fleet.members.values()] == ["worker", "leader", "worker"]


def test_taking_the_lead_again_gives_the_same_state(fleet: Fleet) -> None:
    jws = fleet.hand_over(2)
    link = fleet[2].holding.state and fleet[2].holding.state.handover
    again = fleet.document(term=2, leader=2, handover=link, issued_at="2026-11-22T12:00:00Z")
    assert fleet[2].lead(again) == jws


def test_new_leader_signs_the_next_generations(fleet: Fleet) -> None:
    fleet.tell(fleet.hand_over(2), but=2)
    link = fleet[2].holding.state and fleet[2].holding.state.handover
    jws = fleet[2].sign(fleet.document(term=2, leader=2, handover=link, generation=2))
    fleet.tell(jws, but=2)
    assert fleet[3].holding.generation == 2


def test_leadership_comes_back(fleet: Fleet) -> None:
    fleet.tell(fleet.hand_over(2), but=2)
    fleet.tell(fleet.hand_over(1, by=2), but=1)
    assert [one.record.role for one in fleet.members.values()] == ["leader", "worker", "worker"]
    assert fleet[1].record.handed_over is None
    assert fleet[1].record.term == 3


def test_node_that_slept_through_three_terms_follows_the_chain(fleet: Fleet) -> None:
    for to, by in ((2, 1), (1, 2), (2, 1)):
        fleet[by].receive(fleet.hand_over(to, by=by))
    assert fleet[3].record.term == 1
    fleet[3].receive(fleet[2].holding.jws)
    assert (fleet[3].record.term, fleet[3].record.leader and fleet[3].record.leader.id) == (4, 2)


def test_chain_does_not_grow_without_end(fleet: Fleet) -> None:
    for _ in range(10):
        fleet[1].receive(fleet.hand_over(2))
        fleet[2].receive(fleet.hand_over(1, by=2))
    state = fleet[1].holding.state
    link, links = (state.handover if state else None), 0
    while link:
        link, links = link["previous"], links + 1
    assert links == 16


# Who may take the lead


def test_handover_to_another_gives_nobody_else_the_lead(fleet: Fleet) -> None:
    link = fleet[1].hand_over(to=2, generation=3)
    with pytest.raises(LeaderNotAuthorised):
        fleet[3].lead(fleet.document(term=2, leader=3, handover=link))
    assert fleet[3].record.role == "worker"


def test_nobody_leads_without_a_handover(fleet: Fleet) -> None:
    with pytest.raises(LeaderNotAuthorised):
        fleet[2].lead(fleet.document(term=2, leader=2))


def test_nobody_leads_a_term_that_is_not_later(fleet: Fleet) -> None:
    with pytest.raises(TermNotNewer):
        fleet[2].lead(fleet.document(term=1, leader=2), approved=True)


def test_nobody_takes_the_lead_for_another(fleet: Fleet) -> None:
    with pytest.raises(NotListed):
        fleet[3].lead(fleet.document(term=2, leader=2), approved=True)


def test_node_that_may_not_lead_does_not_by_roots_word_either(fleet: Fleet) -> None:
    fleet.changes[2] = {"eligible": False}
    fleet.tell(fleet[1].sign(fleet.document(generation=4)))
    with pytest.raises(NotEligible):
        fleet.force(2)
    assert fleet[2].record.role == "worker"


def test_lead_that_root_gives_clears_what_was_before(fleet: Fleet) -> None:
    fleet[2].follow(node_id=3, by="root@node2")
    fleet.force(2)
    record = fleet[2].record
    assert (record.role, record.term, record.approvals) == ("leader", 2, ())
    assert record.built_on is not None
    assert (record.built_on.term, record.built_on.generation, record.built_on.leader) == (1, 3, 1)


# Re-asserting


def test_leader_goes_on_in_a_later_term_and_is_followed(fleet: Fleet) -> None:
    term, link = fleet[1].reassert(above=4)
    assert term == 5
    fleet.tell(fleet[1].lead(fleet.document(term=5, handover=link)))
    assert {one.record.term for one in fleet.members.values()} == {5}
    assert fleet[1].record.role == "leader"


def test_reasserting_changes_nothing_by_itself(fleet: Fleet) -> None:
    before = fleet[1].holding
    assert fleet[1].reassert(above=1) == fleet[1].reassert(above=1)
    assert fleet[1].holding == before


def test_claim_out_of_all_proportion_is_not_followed_there(fleet: Fleet) -> None:
    """One liar must not suspend the leader for ever."""
    fleet[1].contest((Contest(node_id=3, term=2**30, leader=3),), seen=fleet[1].holding)
    term, link = fleet[1].reassert(above=2**30)
    assert term == 17
    fleet.tell(fleet[1].lead(fleet.document(term=term, handover=link)))
    assert fleet[2].record.term == 17
    assert fleet[1].record.overruled == (3,)


def test_worker_reasserts_nothing(fleet: Fleet) -> None:
    with pytest.raises(NotLeader):
        fleet[2].reassert(above=1)
