"""How a node comes to lead a cluster, and what it signs then."""

from typing import Any

import pytest

from nodes.agent import document
from nodes.agent.errors import (
    AlreadyMember,
    GenerationNotNewer,
    NothingSealed,
    NotLeader,
    NotListed,
)
from nodes.agent.membership import Membership
from nodes.agent.sealing import seal
from tests.nodes.agent.documents import FOREIGN_CLUSTER, make_cluster, make_document
from tests.nodes.agent.members import alone, entry, joined
from tests.nodes.agent.members import document as state_of


def test_lead_makes_this_node_the_leader(leader: Membership) -> None:
    jws = leader.lead(alone(leader))
    assert document.verify(jws, keys={1: leader.keys.public.identity_key})
    assert (leader.record.role, leader.record.node_id, leader.record.term) == ("leader", 1, 1)
    assert leader.record.leader is not None
    assert leader.record.leader.fqdn == "node1.example.org"


def test_lead_again_gives_the_same_answer(leader: Membership) -> None:
    first = leader.lead(alone(leader))
    assert leader.lead(alone(leader, issued_at="2026-11-22T11:11:11Z")) == first


def test_leader_founds_no_second_cluster(leader: Membership) -> None:
    leader.lead(alone(leader))
    with pytest.raises(AlreadyMember):
        leader.lead(alone(leader, cluster=make_cluster(uuid=FOREIGN_CLUSTER)))


def test_node_leads_only_with_its_own_keys(leader: Membership, worker: Membership) -> None:
    with pytest.raises(NotListed):
        leader.lead(make_document(entry(worker, 1)))
    assert leader.record.role == "uninitialised"


def test_sign_holds_the_next_generation(leader: Membership) -> None:
    leader.lead(alone(leader))
    jws = leader.sign(alone(leader, generation=2))
    assert leader.holding.jws == jws
    assert leader.holding.generation == 2


def test_sign_again_gives_what_was_signed_before(leader: Membership) -> None:
    leader.lead(alone(leader))
    jws = leader.sign(alone(leader, generation=2))
    assert leader.sign(alone(leader, generation=2, issued_at="2026-11-22T11:11:11Z")) == jws


def test_lower_generation_is_not_signed(leader: Membership) -> None:
    leader.lead(alone(leader))
    leader.sign(alone(leader, generation=2))
    with pytest.raises(GenerationNotNewer):
        leader.sign(alone(leader, generation=1))


@pytest.mark.parametrize(
    "change", [{"term": 2}, {"cluster": make_cluster(uuid=FOREIGN_CLUSTER)}], ids=["term", "uuid"]
)
def test_state_of_something_else_is_not_signed(leader: Membership, change: dict[str, Any]) -> None:
    leader.lead(alone(leader))
    with pytest.raises(NotLeader):
        leader.sign(alone(leader, generation=2, **change))


def test_worker_signs_nothing(leader: Membership, worker: Membership) -> None:
    joined(leader, worker)
    with pytest.raises(NotLeader):
        worker.sign(state_of(leader, worker, generation=4))


def test_leader_signs_no_state_with_other_keys_of_its_own(
    leader: Membership, worker: Membership
) -> None:
    leader.lead(alone(leader))
    with pytest.raises(NotListed):
        leader.sign(make_document(entry(worker, 1), generation=2))


def test_eligible_node_opens_the_sealed_part(leader: Membership) -> None:
    sealed = seal(b"{}", recipients=[leader.keys.public.sealing_key])
    leader.lead(alone(leader, sealed=sealed))
    assert leader.unseal() == (b"{}", leader.holding.jws)


def test_state_without_sealed_part_says_so(leader: Membership) -> None:
    leader.lead(alone(leader))
    with pytest.raises(NothingSealed):
        leader.unseal()
