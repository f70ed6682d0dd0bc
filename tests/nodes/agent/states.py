"""Signed states of four nodes, and links that authorise a new leader."""

from typing import Any

from nodes.agent import document, signing, succession
from nodes.agent.acceptance import Trust
from nodes.agent.succession import Leadership
from tests.nodes.agent.documents import (
    CLUSTER,
    RECOVERY_KEY,
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


def flipped(jws: str, part: int) -> str:
    """The same JWS with one bit of header, payload or signature changed."""
    parts = jws.split(".")
    middle = len(parts[part]) // 2
    changed = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]
    return ".".join(parts)
