"""How a node learns that it was removed: from its leader, and from nobody else."""

from typing import Any

import pytest

from nodes.agent import signing
from nodes.agent.encoding import canonical_json
from nodes.agent.errors import (
    FarewellInvalid,
    ForeignCluster,
    NotAMember,
    NotEligible,
    NotLeader,
    NotRemoved,
)
from nodes.agent.leaving import FAREWELL
from nodes.agent.membership import Membership
from nodes.agent.record import Record
from tests.nodes.agent.documents import CLUSTER, FOREIGN_CLUSTER
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember


@pytest.fixture
def fleet(make_member: MakeMember) -> Fleet:
    return Fleet(make_member)


def farewell(fleet: Fleet, number: int = 3, *, by: int = 1) -> str:
    key = fleet[number].keys.public.identity_key
    return fleet[by].farewell(node_id=number, identity_key=key)


@pytest.fixture
def removed(fleet: Fleet) -> Membership:
    fleet[3].depart(farewell(fleet), handover=None)
    return fleet[3]


def test_removed_node_keeps_nothing_but_who_it_was(
    removed: Membership, make_member: MakeMember
) -> None:
    """S20: the sealed state is wiped."""
    again = make_member(3)
    assert (again.record.role, again.record.node_id, again.record.cluster) == (
        "removed",
        3,
        CLUSTER,
    )
    assert again.record.removed is not None
    assert again.record.removed.leader == 1
    assert again.record.leader is not None
    assert again.record.leader.console_url == "https://192.0.2.1:8443"
    assert again.holding.state is None
    assert not (again.keys.wireguard_path.parent / "state.jws").exists()


def test_removed_node_accepts_no_state(fleet: Fleet, removed: Membership) -> None:
    with pytest.raises(ForeignCluster):
        removed.receive(fleet[1].sign(fleet.document(generation=4)))


def test_removed_node_attests_and_follows_nothing(removed: Membership) -> None:
    with pytest.raises(NotAMember):
        removed.attest()
    with pytest.raises(NotAMember):
        removed.follow(node_id=2, by="root")


def test_confirmation_is_remembered(removed: Membership, make_member: MakeMember) -> None:
    removed.confirm_removal()
    again = make_member(3).record.removed
    assert again is not None
    assert again.confirmed


def test_farewell_of_a_later_leader_comes_with_its_links(fleet: Fleet) -> None:
    """S20: a node that was switched off when it was removed, and while the leader changed."""
    fleet[1].receive(fleet.hand_over(2))
    state = fleet[2].holding.state
    fleet[3].depart(farewell(fleet, by=2), handover=state.handover if state else None)
    assert fleet[3].record.removed is not None
    assert fleet[3].record.removed.leader == 2
    assert fleet[3].record.leader is not None
    assert fleet[3].record.leader.id == 2


def test_farewell_of_the_leader_that_root_named_counts(fleet: Fleet) -> None:
    fleet.force(2)
    fleet[3].follow(node_id=2, by="root@node3")
    fleet[3].depart(farewell(fleet, by=2), handover=None)
    assert fleet[3].record.role == "removed"


def test_farewell_of_a_leader_that_nobody_authorised_does_not(fleet: Fleet) -> None:
    fleet.force(2)
    with pytest.raises(FarewellInvalid):
        fleet[3].depart(farewell(fleet, by=2), handover=None)
    assert fleet[3].record.role == "worker"


def word(fleet: Fleet, **changes: Any) -> str:
    facts = {
        "cluster": CLUSTER,
        "node_id": 3,
        "identity_key": fleet[3].keys.public.identity_key,
        "term": 1,
        **changes.pop("facts", {}),
    }
    signer = fleet[changes.pop("by", 1)]
    header = {"key_id": "1", "kind": FAREWELL, **changes}
    return signing.sign(canonical_json(facts), key=signer.keys.identity, **header)


FORGED: dict[str, dict[str, Any]] = {
    "another node": {"facts": {"node_id": 2}},
    "another key": {"facts": {"identity_key": "A" * 43}},
    "another cluster": {"facts": {"cluster": FOREIGN_CLUSTER}},
    "an earlier term": {"facts": {"term": 0}},
    "no term": {"facts": {"term": "1"}},
    "another use of the key": {"kind": "JWT"},
    "another signer": {"key_id": "2"},
    "another signer in the leader's name": {"by": 2},
}


@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED.keys())
def test_farewell_for_something_else_is_refused(fleet: Fleet, changes: dict[str, Any]) -> None:
    with pytest.raises(FarewellInvalid):
        fleet[3].depart(word(fleet, **changes), handover=None)
    assert fleet[3].record.role == "worker"


def test_farewell_as_it_should_be_is_taken(fleet: Fleet) -> None:
    fleet[3].depart(word(fleet), handover=None)
    assert fleet[3].record.role == "removed"


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c"])
def test_farewell_that_is_nonsense_is_refused(fleet: Fleet, text: str) -> None:
    with pytest.raises(FarewellInvalid):
        fleet[3].depart(text, handover=None)


def test_only_a_leader_bids_farewell(fleet: Fleet) -> None:
    with pytest.raises(NotLeader):
        farewell(fleet, by=2)


def test_leader_does_not_remove_itself(fleet: Fleet) -> None:
    with pytest.raises(NotEligible):
        farewell(fleet, 1)
    with pytest.raises(NotAMember):
        fleet[1].depart(word(fleet), handover=None)


# The clean start


def test_clean_start_is_a_new_machine_with_new_keys(
    removed: Membership, make_member: MakeMember
) -> None:
    before = removed.keys.public
    removed.clean_start()
    again = make_member(3)
    assert again.record == Record(fqdn="node3.example.org")
    after = again.keys.public
    assert removed.keys.public == after
    assert not {before.identity_key, before.sealing_key, before.wireguard_key} & {
        after.identity_key,
        after.sealing_key,
        after.wireguard_key,
    }


def test_member_has_nothing_to_clean(fleet: Fleet) -> None:
    before = fleet[3].keys.public
    with pytest.raises(NotRemoved):
        fleet[3].clean_start()
    assert fleet[3].keys.public == before
