"""Root's word on a node, and what a leader does that was overtaken."""

from typing import Any

import pytest

from nodes.agent.errors import (
    AlreadyFollowed,
    FollowsItself,
    LeaderInOffice,
    LeaderNotAuthorised,
    NotAMember,
    NotEligible,
    NotLeader,
    UnknownNode,
    WrongSigner,
)
from nodes.agent.history import Contest, Successor
from nodes.agent.membership import Membership
from nodes.agent.signing import new_key, public_text
from nodes.agent.succession import Leadership, sign_claim
from tests.nodes.agent.documents import CLUSTER, RECOVERY_KEY
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember

CONTEST = Contest(node_id=3, term=2, leader=2)
SUCCESSOR = Successor(id=2, fqdn="node2.example.org", console_url="https://192.0.2.2:8443", term=2)


@pytest.fixture
def fleet(make_member: MakeMember) -> Fleet:
    return Fleet(make_member)


@pytest.fixture
def contested(fleet: Fleet) -> Membership:
    fleet[1].contest((CONTEST,), seen=fleet[1].holding)
    return fleet[1]


@pytest.fixture
def deposed(fleet: Fleet) -> Membership:
    fleet[1].depose(SUCCESSOR, seen=fleet[1].holding)
    return fleet[1]


def test_node_follows_whom_root_has_named(fleet: Fleet) -> None:
    """S41: `switch-leader` on each of the others."""
    assert fleet[3].follow(node_id=2, by="root@node3") == 1
    fleet[3].receive(fleet.force(2))
    assert fleet[3].record.leader is not None
    assert (fleet[3].record.leader.id, fleet[3].record.term) == (2, 2)


def test_approval_ends_with_the_term_that_it_was_for(fleet: Fleet) -> None:
    fleet[3].follow(node_id=2, by="root@node3")
    fleet[3].receive(fleet.force(2))
    assert fleet[3].record.approvals == ()
    with pytest.raises(LeaderNotAuthorised):
        fleet[3].receive(fleet.force(1, term=4))


def test_approval_of_one_node_is_none_of_another(fleet: Fleet) -> None:
    fleet[3].follow(node_id=2, by="root@node3")
    forged = fleet.document(term=2, leader=1)
    with pytest.raises(LeaderNotAuthorised):
        fleet[3].receive(fleet[1].lead(forged, approved=True))


def test_approval_holds_for_the_key_that_the_node_had(fleet: Fleet) -> None:
    """Whoever calls itself node 2 later has to be the node 2 that root meant."""
    fleet[3].follow(node_id=2, by="root@node3")
    [given] = fleet[3].record.approvals
    assert given.identity_key == fleet[2].keys.public.identity_key
    assert given.identity_key != public_text(new_key())


def test_last_word_counts(make_member: MakeMember) -> None:
    fleet = Fleet(make_member, 4)
    fleet[4].follow(node_id=2, by="root@node4")
    fleet[4].follow(node_id=3, by="root@node4")
    assert [given.node_id for given in fleet[4].record.approvals] == [3]


def test_approval_is_durable(fleet: Fleet, make_member: MakeMember) -> None:
    fleet[3].follow(node_id=2, by="root@node3")
    assert make_member(3).record == fleet[3].record


def test_handover_may_overtake_the_approval(fleet: Fleet) -> None:
    fleet[3].follow(node_id=2, by="root@node3")
    fleet[3].receive(fleet.hand_over(2))
    assert fleet[3].record.approvals == ()


def test_whom_a_leader_gave_its_next_term_it_follows_also_by_roots_word(fleet: Fleet) -> None:
    """The link was lost with its power, and root had the same node lead."""
    fleet[1].hand_over(to=2, generation=fleet[1].holding.generation)
    fleet[1].receive(fleet.force(2))
    leading = fleet[1].holding.leadership
    assert leading is not None
    assert (leading.term, leading.leader) == (2, 2)


def test_leader_that_handed_over_follows_no_other_node(fleet: Fleet) -> None:
    fleet[1].hand_over(to=2, generation=fleet[1].holding.generation)
    with pytest.raises(LeaderNotAuthorised):
        fleet[1].receive(fleet.force(3))


def test_worker_keeps_its_leader_until_it_has_the_next(fleet: Fleet) -> None:
    fleet[3].follow(node_id=2, by="root@node3")
    fleet[3].receive(fleet[1].sign(fleet.document(generation=4)))
    assert fleet[3].holding.generation == 4
    assert [given.node_id for given in fleet[3].record.approvals] == [2]


@pytest.mark.parametrize(
    ("node_id", "error"),
    [(1, AlreadyFollowed), (3, FollowsItself), (9, UnknownNode)],
    ids=["leader", "itself", "unknown"],
)
def test_word_that_makes_no_sense_changes_nothing(
    fleet: Fleet, node_id: int, error: type[Exception]
) -> None:
    before = fleet[3].holding
    with pytest.raises(error):
        fleet[3].follow(node_id=node_id, by="root@node3")
    assert fleet[3].holding == before


def test_node_that_may_not_lead_is_not_approved(fleet: Fleet) -> None:
    fleet.changes[2] = {"eligible": False}
    fleet.tell(fleet[1].sign(fleet.document(generation=4)))
    with pytest.raises(NotEligible):
        fleet[3].follow(node_id=2, by="root@node3")


def test_leader_in_office_follows_nobody(fleet: Fleet) -> None:
    with pytest.raises(LeaderInOffice):
        fleet[1].follow(node_id=2, by="root@node1")
    assert fleet[1].record.role == "leader"


def test_machine_without_a_cluster_follows_nobody(worker: Membership) -> None:
    with pytest.raises(NotAMember):
        worker.follow(node_id=2, by="root@node2")


# Deeds


def test_deed_is_kept_until_the_leader_has_it(fleet: Fleet, make_member: MakeMember) -> None:
    fleet[3].follow(node_id=2, by="root@node3")
    fleet[3].receive(fleet.force(2))
    [deed] = make_member(3).record.deeds
    assert (deed.by, deed.verb, deed.node_id) == ("root@node3", "follow", 2)
    fleet[3].forget_deeds(["something else"])
    assert fleet[3].record.deeds == (deed,)
    fleet[3].forget_deeds([deed.id])
    assert make_member(3).record.deeds == ()


def test_same_word_again_is_no_second_deed(fleet: Fleet) -> None:
    fleet[3].follow(node_id=2, by="root@node3")
    fleet[3].follow(node_id=2, by="root@node3")
    assert len(fleet[3].record.deeds) == 1


# A leader that was overtaken


def test_deposed_leader_signs_nothing_and_knows_its_successor(
    fleet: Fleet, deposed: Membership, make_member: MakeMember
) -> None:
    with pytest.raises(NotLeader):
        deposed.sign(fleet.document(generation=4))
    again = make_member(1)
    assert again.record.role == "deposed"
    assert again.record.successor == SUCCESSOR
    assert again.record.leader is not None
    assert again.record.leader.id == 2
    assert again.holding.generation == 3


def test_deposed_leader_follows_by_roots_word_alone(fleet: Fleet, deposed: Membership) -> None:
    jws = fleet.force(2)
    with pytest.raises(LeaderNotAuthorised):
        deposed.receive(jws)
    deposed.follow(node_id=2, by="admin")
    assert deposed.record.role == "worker"
    deposed.receive(jws)
    assert (deposed.record.role, deposed.record.term, deposed.record.successor) == (
        "worker",
        2,
        None,
    )


def test_deposed_leader_that_follows_remembers_it(
    fleet: Fleet, deposed: Membership, make_member: MakeMember
) -> None:
    deposed.follow(node_id=2, by="admin")
    again = make_member(1)
    assert again.record == deposed.record
    assert again.record.role == "worker"
    again.receive(fleet.force(2))
    assert again.record.leader is not None
    assert again.record.leader.id == 2


def test_contested_leader_may_follow_too(fleet: Fleet, contested: Membership) -> None:
    contested.follow(node_id=2, by="admin")
    assert (contested.record.role, contested.record.contested) == ("worker", ())
    contested.receive(fleet.force(2))
    assert contested.record.term == 2


def test_contested_leader_hands_nothing_over(contested: Membership) -> None:
    with pytest.raises(NotLeader):
        contested.hand_over(to=2, generation=3)


def test_contested_leader_that_reasserts_overrules_who_spoke(
    fleet: Fleet, contested: Membership
) -> None:
    term, link = contested.reassert(above=2)
    contested.lead(fleet.document(term=term, handover=link))
    assert (contested.record.contested, contested.record.overruled) == ((), (3,))


def test_verdict_on_an_earlier_leadership_is_void(fleet: Fleet) -> None:
    earlier = fleet[1].holding
    term, link = fleet[1].reassert(above=1)
    fleet[1].lead(fleet.document(term=term, handover=link))
    fleet[1].depose(SUCCESSOR, seen=earlier)
    fleet[1].contest((CONTEST,), seen=earlier)
    assert (fleet[1].record.role, fleet[1].record.contested) == ("leader", ())


def test_leader_takes_no_other_leaders_state(fleet: Fleet) -> None:
    """Not even one that the recovery key vouches for: first it learns that it is deposed."""
    to = Leadership(2, 2, fleet[2].keys.public.identity_key)
    claim = sign_claim(cluster=CLUSTER, to=to, key=RECOVERY_KEY)
    jws = fleet.force(2, handover=claim)
    with pytest.raises(LeaderInOffice):
        fleet[1].receive(jws)
    fleet[3].receive(jws)
    assert fleet[3].record.term == 2


# Two leaders of one term


def forced_twice(make_member: MakeMember) -> Fleet:
    """Term 2 on two sides of a cut: node 2 leads alone, node 3 leads node 4."""
    fleet = Fleet(make_member, 4)
    fleet.force(2)
    fleet[4].follow(node_id=3, by="root@node4")
    fleet[4].receive(fleet.force(3))
    return fleet


def test_leader_of_the_same_term_is_followed_by_roots_word(make_member: MakeMember) -> None:
    fleet = forced_twice(make_member)
    with pytest.raises(WrongSigner):
        fleet[4].receive(fleet[2].holding.jws)
    fleet[4].follow(node_id=2, by="root@node4")
    fleet[4].receive(fleet[2].holding.jws)
    assert (fleet[4].record.term, fleet[4].record.leader and fleet[4].record.leader.id) == (2, 2)
    assert fleet[4].record.approvals == ()
    with pytest.raises(WrongSigner):
        fleet[4].receive(fleet[3].holding.jws)


def test_deposed_leader_follows_one_of_its_own_term(make_member: MakeMember) -> None:
    fleet = forced_twice(make_member)
    fleet[3].depose(SUCCESSOR, seen=fleet[3].holding)
    fleet[3].follow(node_id=2, by="admin")
    fleet[3].receive(fleet[2].holding.jws)
    again: Any = make_member(3).record
    assert (again.role, again.term, again.leader.id) == ("worker", 2, 2)
