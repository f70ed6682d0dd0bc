"""What a leader must think of what others say: every rule, every size of cluster."""

from dataclasses import replace
from typing import Any

import pytest

from nodes.agent import attestation, signing, succession
from nodes.agent.attestation import ClaimInvalid
from nodes.agent.encoding import canonical_json
from nodes.agent.history import Contest
from nodes.agent.state import Member
from nodes.agent.succession import Leadership
from nodes.agent.verdict import Case, Contested, Deposed, Stays, Verdict, Witness, judge
from tests.nodes.agent.documents import CLUSTER, FOREIGN_CLUSTER, RECOVERY_KEY, make_node
from tests.nodes.agent.fleet import Fleet
from tests.nodes.agent.members import MakeMember
from tests.nodes.agent.states import IDENTITIES, OTHER_RECOVERY_KEY, node_keys


def leadership(term: int, node: int) -> Leadership:
    key = IDENTITIES.get(node, IDENTITIES[4])
    return Leadership(term, node, signing.public_text(key))


def link(*, term: int, to: int, by: int, previous: dict[str, Any] | None = None) -> dict[str, Any]:
    """Node ``by``'s word that node ``to`` leads that term."""
    signed = succession.sign_handover(
        cluster=CLUSTER, to=leadership(term, to), key=IDENTITIES[by], node_id=by
    )
    return signed | {"previous": previous}


def claim(*, term: int, to: int, key: Any = RECOVERY_KEY) -> dict[str, Any]:
    return succession.sign_claim(cluster=CLUSTER, to=leadership(term, to), key=key)


def case(*others: int, **changes: Any) -> Case:
    """Node 2 leads term 5, forced, after node 1 led term 4."""
    own = Case(
        cluster=CLUSTER,
        own=leadership(5, 2),
        others=frozenset(others),
        recovery_key=signing.public_text(RECOVERY_KEY),
        built_on=leadership(4, 1),
    )
    return replace(own, **changes)


def word(node: int, term: int, leader: int, **changes: Any) -> Witness:
    return Witness(node_id=node, claimed=leadership(term, leader), **changes)


def contested(*words: tuple[int, int, int]) -> Contested:
    return Contested(tuple(Contest(*said) for said in words))


def test_leader_that_nobody_answers_stays() -> None:
    assert judge(case(1, 3, 4), []) == Stays()


@pytest.mark.parametrize("said", [word(3, 5, 2), word(3, 4, 1), word(3, 1, 3), Witness(3, None)])
def test_words_that_say_nothing_new_change_nothing(said: Witness) -> None:
    assert judge(case(1, 3, 4), [said]) == Stays()


# A majority: more than half of the other active members

MAJORITIES = [(2, 1), (3, 2), (4, 2), (5, 3), (16, 8)]
"""Members of the cluster, and how many of the others depose its leader."""


@pytest.mark.parametrize(("members", "enough"), MAJORITIES)
def test_majority_deposes(members: int, enough: int) -> None:
    others = [number for number in range(1, members + 1) if number != 2]
    words = [word(number, 6, others[0]) for number in others[:enough]]
    assert judge(case(*others), words) == Deposed(leadership(6, others[0]))


@pytest.mark.parametrize(("members", "enough"), MAJORITIES[1:])
def test_one_less_than_a_majority_contests(members: int, enough: int) -> None:
    others = [number for number in range(1, members + 1) if number != 2]
    words = [word(number, 6, others[0]) for number in others[: enough - 1]]
    said = [(number, 6, others[0]) for number in others[: enough - 1]]
    assert judge(case(*others), words) == contested(*said)


def test_half_is_no_majority() -> None:
    assert judge(case(1, 3), [word(3, 6, 3)]) == contested((3, 6, 3))


def test_same_node_is_one_voice_however_often_it_speaks() -> None:
    words = [word(3, 6, 3), word(3, 7, 3), word(3, 8, 3)]
    assert judge(case(1, 3, 4), words) == contested((3, 8, 3))


def test_strangers_are_not_heard() -> None:
    words = [word(number, 6, 3) for number in (7, 8, 9)]
    assert judge(case(1, 3, 4), words) == Stays()


def test_majority_that_disagrees_on_who_leads_agrees_that_we_do_not() -> None:
    words = [word(1, 6, 1), word(3, 7, 3), word(4, 7, 3)]
    assert judge(case(1, 3, 4), words) == Deposed(leadership(7, 3))


def test_later_term_of_our_own_deposes_nobody() -> None:
    """A leader whose disk is older than the cluster: a person must look."""
    words = [word(1, 6, 2), word(3, 6, 2)]
    assert judge(case(1, 3), words) == contested((1, 6, 2), (3, 6, 2))


def test_who_was_overruled_contests_no_more() -> None:
    own = case(1, 3, 4, overruled=frozenset({3}))
    assert judge(own, [word(3, 9, 3)]) == Stays()
    assert judge(own, [word(3, 9, 3), word(1, 9, 3)]) == Deposed(leadership(9, 3))


def test_doubt_ends_with_the_words() -> None:
    assert judge(case(1, 3, 4), [word(3, 5, 2)]) == Stays()


# Proofs


def test_proven_handover_needs_no_majority() -> None:
    """A leader that was restored from an older copy of itself."""
    chain = link(term=6, to=3, by=2)
    assert judge(case(1, 3, 4), [word(3, 6, 3, handover=chain)]) == Deposed(leadership(6, 3))


def test_chain_from_our_own_term_is_followed_to_its_end() -> None:
    chain = link(term=7, to=4, by=3, previous=link(term=6, to=3, by=2))
    assert judge(case(1, 3, 4), [word(4, 7, 4, handover=chain)]) == Deposed(leadership(7, 4))


def test_recovery_key_needs_no_majority() -> None:
    said = word(3, 9, 3, handover=claim(term=9, to=3))
    assert judge(case(1, 3, 4), [said]) == Deposed(leadership(9, 3))


@pytest.mark.parametrize(
    "handover",
    [
        claim(term=9, to=3, key=OTHER_RECOVERY_KEY),
        link(term=6, to=3, by=3),
        link(term=6, to=3, by=1),
        link(term=7, to=3, by=2),
        {"signed": "nonsense"},
        {"previous": {}},
    ],
    ids=["other recovery key", "itself", "the leader before us", "a gap", "nonsense", "empty"],
)
def test_proof_that_is_none_counts_as_a_word_alone(handover: dict[str, Any]) -> None:
    assert judge(case(1, 3, 4), [word(3, 6, 3, handover=handover)]) == contested((3, 6, 3))


def test_strangers_proof_is_not_looked_at() -> None:
    chain = link(term=6, to=3, by=2)
    assert judge(case(1, 4), [word(3, 6, 3, handover=chain)]) == Stays()


# Two leaders of one term

OURS = link(term=5, to=2, by=1)
THEIRS = {number: link(term=5, to=number, by=1) for number in (1, 3)}


@pytest.mark.parametrize(
    ("ours", "rival", "theirs", "verdict"),
    [
        (None, 3, None, Stays()),
        (None, 1, None, Deposed(leadership(5, 1))),
        (OURS, 1, None, Stays()),
        (OURS, 3, None, Stays()),
        (None, 1, THEIRS[1], Deposed(leadership(5, 1))),
        (None, 3, THEIRS[3], Deposed(leadership(5, 3))),
        (OURS, 3, THEIRS[3], Stays()),
        (OURS, 1, THEIRS[1], Deposed(leadership(5, 1))),
        (None, 3, claim(term=5, to=3), Deposed(leadership(5, 3))),
        (None, 3, link(term=5, to=3, by=3), Stays()),
        (None, 3, link(term=5, to=1, by=1), Stays()),
        (claim(term=5, to=2), 1, None, Stays()),
    ],
)
def test_equals_are_ranked_by_proof_and_then_by_number(
    ours: Any, rival: int, theirs: Any, verdict: Verdict
) -> None:
    own = case(1, 3, 4, handover=ours)
    assert judge(own, [word(rival, 5, rival, handover=theirs)]) == verdict


def test_rival_must_speak_for_itself() -> None:
    assert judge(case(1, 3, 4), [word(3, 5, 1)]) == Stays()


def test_founder_is_not_deposed_by_a_link_of_a_members_own_making() -> None:
    founder = case(2, 3, own=leadership(1, 1), built_on=None)
    said = word(2, 1, 2, handover=link(term=1, to=2, by=2))
    assert judge(founder, [said]) == Stays()


def test_both_sides_of_a_cut_come_to_the_same_end() -> None:
    """Two forced promotions: node 2 stays, node 3 is deposed, whoever asks first."""
    second, third = case(3, 4), case(2, 4, own=leadership(5, 3))
    assert judge(second, [word(3, 5, 3), word(4, 5, 3)]) == Stays()
    assert judge(third, [word(2, 5, 2)]) == Deposed(leadership(5, 2))


# The words themselves


def member(number: int) -> Member:
    return Member.parse(make_node(number, node_keys(number)))


def signed(by: int = 3, *, named: int = 3, kind: str = attestation.KIND, **changes: Any) -> str:
    said = {
        "cluster": CLUSTER,
        "term": 6,
        "leader": {"id": 3, "identity_key": signing.public_text(IDENTITIES[3])},
        "node": 3,
        **changes,
    }
    return signing.sign(canonical_json(said), key=IDENTITIES[by], key_id=str(named), kind=kind)


def test_word_is_read() -> None:
    assert attestation.read(signed(), member=member(3), cluster=CLUSTER) == leadership(6, 3)


FORGED = {
    "another member in its name": signed(4),
    "another member": signed(4, named=4, node=4),
    "another member's word": signed(node=4),
    "another cluster": signed(cluster=FOREIGN_CLUSTER),
    "another use of the key": signed(kind="JWT"),
    "no term": signed(term="6"),
    "no leader": signed(leader=None),
    "no word": "nonsense",
    "unsigned": ".".join(signed().split(".")[:2]) + ".",
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED.keys())
def test_forged_word_is_no_word(text: str) -> None:
    with pytest.raises(ClaimInvalid):
        attestation.read(text, member=member(3), cluster=CLUSTER)


def believed(fleet: Fleet, number: int) -> tuple[int, int]:
    """Term and leader, as that node attests them."""
    state = fleet[3].holding.state
    assert state is not None
    member = state.find(number)
    assert member is not None
    said = attestation.read(fleet[number].attest(), member=member, cluster=CLUSTER)
    return said.term, said.leader


def test_everybody_attests_whom_they_follow(make_member: MakeMember) -> None:
    fleet = Fleet(make_member)
    assert [believed(fleet, number) for number in (1, 2, 3)] == [(1, 1)] * 3


def test_leader_that_handed_over_attests_the_next(make_member: MakeMember) -> None:
    fleet = Fleet(make_member)
    fleet[1].hand_over(to=2, generation=3)
    assert believed(fleet, 1) == (2, 2)


def test_approval_alone_is_not_attested(make_member: MakeMember) -> None:
    fleet = Fleet(make_member)
    fleet[3].follow(node_id=2, by="root")
    assert believed(fleet, 3) == (1, 1)
