"""A higher term: who may lead it, and every way in which one may not."""

from dataclasses import replace
from typing import Any

import pytest

from nodes.agent import acceptance, signing, succession
from nodes.agent.acceptance import Approval, Trust
from nodes.agent.errors import (
    LeaderNotAuthorised,
    WrongSigner,
)
from tests.nodes.agent.documents import (
    CLUSTER,
    FOREIGN_CLUSTER,
)
from tests.nodes.agent.states import (
    HELD,
    IDENTITIES,
    OTHER_RECOVERY_KEY,
    TRUST,
    claim,
    flipped,
    handover,
    make_state,
    sign,
)


def led_by_two(**changes: Any) -> dict[str, Any]:
    return make_state(**{"term": 4, "generation": 1, "leader": 2, **changes})


def accept(state: dict[str, Any], *, trust: Trust = TRUST) -> int:
    return acceptance.accept(sign(state), trust=trust).term


def test_handover_by_the_leader_is_followed() -> None:
    assert accept(led_by_two(handover=handover())) == 4


def test_generation_starts_anew_with_a_term() -> None:
    assert accept(led_by_two(handover=handover(), generation=1)) == 4


def test_later_generation_of_a_new_term_still_carries_the_handover() -> None:
    assert accept(led_by_two(handover=handover(), generation=44)) == 4


def test_chain_of_handovers_is_followed_by_a_node_that_was_away() -> None:
    newest = handover(term=5, to=3, by=2, previous=handover())
    assert accept(make_state(term=5, leader=3, handover=newest)) == 5


def test_links_before_the_held_term_are_not_looked_at() -> None:
    before = {"claim": claim(term=2, to=1, key=OTHER_RECOVERY_KEY)["claim"]}
    assert accept(led_by_two(handover=handover(previous=before))) == 4


def test_claim_of_the_recovery_key_is_followed() -> None:
    assert accept(led_by_two(handover=claim())) == 4


def test_claim_may_skip_terms() -> None:
    assert accept(led_by_two(term=7, handover=claim(term=7))) == 7


def test_handover_after_a_claim_is_followed() -> None:
    newest = handover(term=5, to=3, by=2, previous=claim())
    assert accept(make_state(term=5, leader=3, handover=newest)) == 5


def approval(**changes: Any) -> Approval:
    key = signing.public_text(IDENTITIES[2])
    given = Approval(cluster=CLUSTER, node_id=2, identity_key=key, above_term=3)
    return replace(given, **changes)


def test_roots_approval_is_followed() -> None:
    assert accept(led_by_two(), trust=replace(TRUST, approvals=(approval(),))) == 4


@pytest.mark.parametrize(
    "given",
    [
        approval(cluster=FOREIGN_CLUSTER),
        approval(node_id=3),
        approval(identity_key=signing.public_text(IDENTITIES[3])),
        approval(above_term=2),
        approval(above_term=4),
    ],
    ids=["other cluster", "other node", "other key", "an earlier term", "a later term"],
)
def test_approval_for_something_else_is_void(given: Approval) -> None:
    with pytest.raises(LeaderNotAuthorised):
        accept(led_by_two(), trust=replace(TRUST, approvals=(given,)))


UNAUTHORISED = {
    "no handover": None,
    "empty handover": {},
    "handover of another cluster": handover(cluster=FOREIGN_CLUSTER),
    "handover for another term": handover(term=5),
    "handover for a term that is over": handover(term=3),
    "handover for another node": handover(to=3),
    "handover for another key": handover(key_of=3),
    "handover by another node": handover(by=3),
    "handover by another node in the leader's name": handover(by=3, named=1),
    "handover by the new leader itself": handover(by=2),
    "handover that is not signed": {"term": 4, "to": {"id": 2}, "cluster": CLUSTER},
    "handover that is nonsense": {"signed": "nonsense"},
    "handover with a flipped bit": {"signed": flipped(handover()["signed"], 2)},
    "chain with a missing link": handover(term=5, by=2),
    "claim of another cluster": claim(cluster=FOREIGN_CLUSTER),
    "claim for another node": claim(to=3),
    "claim for another term": claim(term=5),
    "claim by another recovery key": claim(key=OTHER_RECOVERY_KEY),
    "claim by the old leader": claim(key=IDENTITIES[1]),
    "claim with a flipped bit": {"claim": flipped(claim()["claim"], 2)},
    "handover in the place of a claim": {"claim": handover()["signed"]},
    "claim in the place of a handover": {"signed": claim()["claim"]},
    "state in the place of a handover": {"signed": HELD},
}


@pytest.mark.parametrize("link", UNAUTHORISED.values(), ids=UNAUTHORISED.keys())
def test_higher_term_without_authority_is_refused(link: dict[str, Any] | None) -> None:
    with pytest.raises(LeaderNotAuthorised):
        accept(led_by_two(handover=link))


def test_leader_hands_over_the_next_term_and_no_other() -> None:
    with pytest.raises(LeaderNotAuthorised, match="from term 3 to term 5"):
        accept(led_by_two(term=5, handover=handover(term=5)))


def test_leaders_signature_for_another_use_is_no_handover() -> None:
    _, payload = signing.read_unverified(handover()["signed"])
    signed = signing.sign(payload, key=IDENTITIES[1], key_id="1", kind="JWT")
    with pytest.raises(LeaderNotAuthorised):
        accept(led_by_two(handover={"signed": signed}))


def test_endless_chain_is_refused() -> None:
    link: dict[str, Any] = handover()
    for _ in range(succession.LONGEST_CHAIN):
        link = handover(previous=link)
    with pytest.raises(LeaderNotAuthorised, match="too long"):
        accept(led_by_two(handover=link))


def test_authorised_leader_must_sign_itself() -> None:
    state = led_by_two(handover=handover())
    with pytest.raises(WrongSigner):
        acceptance.accept(sign(state, by=3), trust=TRUST)


def test_handover_of_node_two_does_not_help_node_three() -> None:
    with pytest.raises(LeaderNotAuthorised):
        accept(make_state(term=4, leader=3, handover=handover()))
