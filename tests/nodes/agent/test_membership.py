"""How a node comes to follow a cluster, and how it stops."""

import pytest

from nodes.agent.errors import (
    AlreadyMember,
    ForeignCluster,
    GenerationIsOld,
    LeaderCannotLeave,
    NotListed,
    Pledged,
    SignatureInvalid,
)
from nodes.agent.membership import Membership
from nodes.agent.record import Record
from nodes.agent.tokens import read_unverified
from tests.nodes.agent.documents import CLUSTER, FOREIGN_CLUSTER, make_cluster, make_document
from tests.nodes.agent.members import MakeMember, alone, entry, found, joined, pin
from tests.nodes.agent.members import document as state_of


def test_adopt_waits_for_the_leader(leader: Membership, worker: Membership) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    assert worker.record.role == "uninitialised"
    assert worker.record.is_joining
    assert worker.record.own_id == 2
    assert worker.record.cluster == CLUSTER


def test_adopt_is_safe_to_repeat(leader: Membership, worker: Membership) -> None:
    jws = found(leader, worker)
    worker.adopt(jws, node_id=2, leader=pin(leader))
    worker.pledge()
    worker.adopt(jws, node_id=2, leader=pin(leader))
    assert worker.record.joining is not None
    assert worker.record.joining.pledged


def test_adopt_of_another_cluster_is_refused_while_joining(
    leader: Membership, worker: Membership, make_member: MakeMember
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    other = make_member(3)
    nodes = [entry(other, 1), entry(worker, 2)]
    foreign = make_document(*nodes, cluster=make_cluster(uuid=FOREIGN_CLUSTER))
    with pytest.raises(AlreadyMember):
        worker.adopt(other.lead(foreign), node_id=2, leader=pin(other))


def test_adopt_needs_the_leaders_signature(leader: Membership, worker: Membership) -> None:
    with pytest.raises(SignatureInvalid):
        worker.adopt(found(leader, worker), node_id=2, leader=pin(worker))
    assert not worker.record.is_joining


@pytest.mark.parametrize("node_id", [1, 3])
def test_adopt_needs_our_own_keys_under_our_number(
    leader: Membership, worker: Membership, node_id: int
) -> None:
    with pytest.raises(NotListed):
        worker.adopt(found(leader, worker), node_id=node_id, leader=pin(leader))


def test_joining_node_stays_with_the_way_that_the_code_led_to(
    leader: Membership, worker: Membership
) -> None:
    way = pin(leader, console_url="https://leader.example.org/", tls_fingerprint="ab" * 32)
    worker.adopt(found(leader, worker), node_id=2, leader=way)
    worker.receive(leader.sign(state_of(leader, worker, generation=3)))
    assert worker.record.leader is not None
    assert worker.record.leader.console_url == "https://leader.example.org"
    assert worker.record.leader.tls_fingerprint == "ab" * 32


def test_state_that_shows_it_active_admits_the_node(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    assert (worker.record.role, worker.record.node_id) == ("worker", 2)
    assert worker.record.joining is None


def test_confirmation_admits_where_the_adopted_state_already_did(
    leader: Membership, worker: Membership
) -> None:
    leader.lead(alone(leader))
    jws = leader.sign(make_document(entry(leader, 1), entry(worker, 2), generation=2))
    worker.adopt(jws, node_id=2, leader=pin(leader))
    assert worker.record.role == "uninitialised"
    worker.confirm()
    assert worker.record.role == "worker"


def test_tokens_carry_the_number_as_soon_as_there_is_one(
    leader: Membership, worker: Membership
) -> None:
    before = read_unverified(worker.token(audience=CLUSTER)).issuer
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    after = read_unverified(worker.token(audience=CLUSTER)).issuer
    assert (before, after) == ("new", "2")


# The pledge


def test_before_the_pledge_a_node_may_leave(leader: Membership, worker: Membership) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.leave(reason="The leader did not answer.")
    assert worker.record == Record(fqdn="node2.example.org", reason="The leader did not answer.")


def test_after_the_pledge_only_the_leader_decides(leader: Membership, worker: Membership) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    with pytest.raises(Pledged):
        worker.leave(reason=None)
    assert worker.record.is_joining


def test_pledge_is_on_the_disk(
    leader: Membership, worker: Membership, make_member: MakeMember
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    again = make_member(2)
    assert again.record.joining is not None
    assert again.record.joining.pledged


def test_withdrawn_node_is_uninitialised_with_the_leaders_reason(
    leader: Membership, worker: Membership
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    worker.pledge()
    worker.withdraw(worker.holding, code="node_not_found", detail="The join was cancelled.")
    assert worker.record.role == "uninitialised"
    assert worker.record.reason == "The join was cancelled."
    assert worker.record.own_id is None
    assert worker.holding.state is None


def test_withdrawn_node_leaves_and_joins_again(leader: Membership, worker: Membership) -> None:
    jws = found(leader, worker)
    worker.adopt(jws, node_id=2, leader=pin(leader))
    worker.pledge()
    worker.withdraw(worker.holding, code="node_not_found", detail="x")
    worker.adopt(jws, node_id=2, leader=pin(leader))
    assert worker.record.is_joining


def test_answer_to_an_earlier_membership_withdraws_nothing(
    leader: Membership, worker: Membership, make_member: MakeMember
) -> None:
    worker.adopt(found(leader, worker), node_id=2, leader=pin(leader))
    earlier = worker.holding
    worker.leave(reason=None)
    other = make_member(3)
    nodes = [entry(other, 1), entry(worker, 2)]
    foreign = make_document(*nodes, cluster=make_cluster(uuid=FOREIGN_CLUSTER))
    worker.adopt(other.lead(foreign), node_id=2, leader=pin(other))
    worker.withdraw(earlier, code="node_not_found", detail="x")
    assert worker.record.is_joining


def test_admitted_worker_is_not_withdrawn(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    worker.withdraw(worker.holding, code="node_not_found", detail="x")
    assert worker.record.role == "worker"


# Leaving


def test_leader_leaves_only_by_force(leader: Membership) -> None:
    leader.lead(alone(leader))
    with pytest.raises(LeaderCannotLeave):
        leader.leave(reason=None)
    leader.leave(reason=None, force=True)
    assert leader.record.role == "uninitialised"


def test_worker_leaves_only_by_force(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    with pytest.raises(Pledged):
        worker.leave(reason=None)


def test_keys_survive_leaving(leader: Membership, make_member: MakeMember) -> None:
    """The same code with the same key gives the same answer."""
    before = leader.keys.public
    leader.lead(alone(leader))
    leader.leave(reason=None, force=True)
    assert make_member(1).keys.public == before


# Receiving


def test_refused_state_is_remembered_until_one_is_accepted(
    leader: Membership, worker: Membership
) -> None:
    joined(leader, worker)
    old = worker.holding.jws
    newer = leader.sign(make_document(entry(leader, 1), entry(worker, 2), generation=4))
    worker.receive(newer)
    with pytest.raises(GenerationIsOld):
        worker.receive(old)
    assert worker.refused is not None
    assert worker.refused["code"] == "state_generation_is_old"
    assert worker.holding.jws == newer
    worker.receive(newer)
    assert worker.refused is None


def test_uninitialised_node_accepts_nothing(leader: Membership, worker: Membership) -> None:
    with pytest.raises(ForeignCluster):
        worker.receive(found(leader, worker))
