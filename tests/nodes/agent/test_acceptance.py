"""Which states a node accepts: the rules of the architecture, each broken once."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import acceptance, document, signing, succession
from nodes.agent.acceptance import Approval, Trust
from nodes.agent.errors import (
    DocumentError,
    DocumentMalformed,
    ForeignCluster,
    GenerationDiffers,
    GenerationIsOld,
    LeaderNotAuthorised,
    SignatureInvalid,
    TermIsOld,
    WrongSigner,
)
from nodes.agent.succession import Leadership
from tests.nodes.agent.documents import (
    CLUSTER,
    FOREIGN_CLUSTER,
    RECOVERY_KEY,
    make_cluster,
    make_document,
    make_node,
)

OTHER_RECOVERY_KEY = signing.new_key()


def node_keys(number: int) -> dict[str, str]:
    """Keys of the right form; only the identity key is ever used here."""
    return {
        "identity_key": signing.public_text(IDENTITIES[number]),
        "sealing_key": "age1" + "q" * 57 + "pzry9x8g"[number],
        "wireguard_key": "A" * 41 + "BCDEFGHI"[number] + "A=",
    }


IDENTITIES = {number: signing.new_key() for number in (1, 2, 3, 4)}


def make_state(**changes: Any) -> dict[str, Any]:
    """Generation 5 of term 3, led by node 1, with four nodes."""
    nodes = [make_node(number, node_keys(number)) for number in IDENTITIES]
    return make_document(*nodes, **{"term": 3, "generation": 5, **changes})


def sign(state: dict[str, Any], *, by: int | None = None) -> str:
    signer = by or state["leader"]
    return document.sign(state, key=IDENTITIES[signer], node_id=signer)


HELD = sign(make_state())
TRUST = Trust(
    cluster=CLUSTER,
    leadership=Leadership(3, 1, signing.public_text(IDENTITIES[1])),
    generation=5,
    recovery_key=signing.public_text(RECOVERY_KEY),
    jws=HELD,
)


def handover(
    *, term: int = 4, to: int = 2, cluster: str = CLUSTER, by: int = 1, **changes: Any
) -> dict[str, Any]:
    """Node 1's word that node 2 leads term 4."""
    leadership = Leadership(term, to, signing.public_text(IDENTITIES[changes.pop("key_of", to)]))
    link = succession.sign_handover(
        cluster=cluster, to=leadership, key=IDENTITIES[by], node_id=changes.pop("named", by)
    )
    return link | changes


def claim(
    *, term: int = 4, to: int = 2, cluster: str = CLUSTER, key: Any = RECOVERY_KEY
) -> dict[str, Any]:
    leadership = Leadership(term, to, signing.public_text(IDENTITIES[to]))
    return succession.sign_claim(cluster=cluster, to=leadership, key=key)


# The same term


def test_next_generation_is_accepted() -> None:
    assert acceptance.accept(sign(make_state(generation=6)), trust=TRUST).generation == 6


def test_generations_may_be_skipped() -> None:
    assert acceptance.accept(sign(make_state(generation=60)), trust=TRUST).generation == 60


def test_the_held_state_is_accepted_again() -> None:
    assert acceptance.accept(HELD, trust=TRUST).generation == 5


def test_same_generation_is_accepted_when_the_held_state_was_lost() -> None:
    lost = replace(TRUST, jws="")
    assert acceptance.accept(HELD, trust=lost).generation == 5


@dataclass(frozen=True)
class Case:
    """A state that must be refused, and why."""

    jws: str
    error: type[DocumentError]
    trust: Trust = field(default=TRUST)


def foreign(**changes: Any) -> dict[str, Any]:
    return make_state(generation=6, cluster=make_cluster(uuid=FOREIGN_CLUSTER), **changes)


def flipped(jws: str, part: int) -> str:
    """The same JWS with one bit of header, payload or signature changed."""
    parts = jws.split(".")
    middle = len(parts[part]) // 2
    changed = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]
    return ".".join(parts)


REFUSED = {
    "lower generation": Case(sign(make_state(generation=4)), GenerationIsOld),
    "replay of the first generation": Case(sign(make_state(generation=1)), GenerationIsOld),
    "equal generation, other content": Case(
        sign(make_state(issued_at="2026-11-22T11:00:00Z")), GenerationDiffers
    ),
    "lower term, higher generation": Case(sign(make_state(term=2, generation=99)), TermIsOld),
    "foreign cluster": Case(sign(foreign()), ForeignCluster),
    "foreign cluster of a higher term": Case(sign(foreign(term=9)), ForeignCluster),
    "another member as signer": Case(sign(make_state(generation=6), by=2), WrongSigner),
    "another member as leader of the same term": Case(
        sign(make_state(generation=6, leader=2)), WrongSigner
    ),
    "signed by the leader, but for another leader": Case(
        sign(make_state(generation=6, leader=2), by=1), WrongSigner
    ),
    "another key under the leader's id": Case(
        document.sign(make_state(generation=6), key=IDENTITIES[2], node_id=1), SignatureInvalid
    ),
    "flipped bit in the header": Case(
        flipped(sign(make_state(generation=6)), 0), DocumentMalformed
    ),
    "flipped bit in the payload": Case(flipped(sign(make_state(generation=6)), 1), DocumentError),
    "flipped bit in the signature": Case(
        flipped(sign(make_state(generation=6)), 2), SignatureInvalid
    ),
    "no JWS at all": Case("nonsense", DocumentMalformed),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_state_is_refused(case: Case) -> None:
    with pytest.raises(case.error):
        acceptance.accept(case.jws, trust=case.trust)


def test_leader_may_not_change_its_key_within_a_term() -> None:
    state = make_state(generation=6)
    state["nodes"][0]["identity_key"] = signing.public_text(signing.new_key())
    with pytest.raises(WrongSigner):
        acceptance.accept(sign(state, by=1), trust=TRUST)


# A higher term


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


# The first state


def test_first_state_is_accepted_from_the_leader_that_the_code_named() -> None:
    key = signing.public_text(IDENTITIES[1])
    assert acceptance.accept_first(HELD, leader_key=key).generation == 5


def test_first_state_by_another_key_is_refused() -> None:
    key = signing.public_text(IDENTITIES[2])
    with pytest.raises(SignatureInvalid):
        acceptance.accept_first(HELD, leader_key=key)


def test_first_state_whose_leader_has_another_key_is_refused(tmp_path: Path) -> None:
    state = make_state()
    state["nodes"][0]["identity_key"] = signing.public_text(signing.new_key())
    key = signing.public_text(IDENTITIES[1])
    with pytest.raises(WrongSigner):
        acceptance.accept_first(sign(state, by=1), leader_key=key)
