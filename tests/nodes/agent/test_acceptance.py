"""Which states a node accepts: the rules of the architecture, each broken once."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import acceptance, document, signing
from nodes.agent.acceptance import Trust
from nodes.agent.errors import (
    DocumentError,
    DocumentMalformed,
    ForeignCluster,
    GenerationDiffers,
    GenerationIsOld,
    SignatureInvalid,
    TermIsOld,
    WrongSigner,
)
from tests.nodes.agent.documents import (
    FOREIGN_CLUSTER,
    make_cluster,
)
from tests.nodes.agent.states import (
    HELD,
    IDENTITIES,
    TRUST,
    flipped,
    make_state,
    sign,
)


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
