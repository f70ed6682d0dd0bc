"""Who may lead a higher term: handovers signed by each leader for the next, and claims by the
recovery key.

A state of a later term carries the newest link, and each link may carry the one before it under
``previous``, so that a node that was away for several terms can follow them all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import OKPKey

from nodes.agent import checks, signing
from nodes.agent.encoding import canonical_json, read_object

HANDOVER = "flotilla-handover"
CLAIM = "flotilla-claim"
LONGEST_CHAIN = 64
KEPT_LINKS = 16
"""Links that travel with a state: a node that slept through more terms needs root's approval."""


class NotAuthorised(Exception):
    """Nothing that this node trusts vouches for the new leader; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Leadership:
    """One node leading one term."""

    term: int
    leader: int
    key: str


def sign_handover(*, cluster: str, to: Leadership, key: OKPKey, node_id: int) -> dict[str, Any]:
    """The leader's own word that ``to`` leads the next term."""
    facts = _facts(cluster, to)
    signed = signing.sign(canonical_json(facts), key=key, key_id=str(node_id), kind=HANDOVER)
    return facts | {"signed": signed}


def extend(link: Mapping[str, Any], *, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The link with the newest of those before it."""
    links = [link, *_links(before)][:KEPT_LINKS]
    chain: dict[str, Any] = {}
    for one in reversed(links):
        chain = dict(one) | {"previous": chain or None}
    return chain


def sign_claim(*, cluster: str, to: Leadership, key: OKPKey) -> dict[str, Any]:
    """The recovery key's word that ``to`` leads its term, whatever the leader before says."""
    payload = canonical_json(_facts(cluster, to))
    return {"claim": signing.sign(payload, key=key, key_id="recovery", kind=CLAIM)}


def follow(
    handover: Mapping[str, Any] | None, *, cluster: str, since: Leadership, recovery_key: str
) -> Leadership:
    """Walk from the leadership that we know to the one that the links prove; raises
    NotAuthorised.
    """
    known = since
    for link in reversed(list(_links(handover))):
        jws, claimed = _peek(link)
        if claimed.term <= since.term:
            continue  # already followed, or before our time: nothing is taken from it
        if "claim" in link:
            _check_signature(jws, kind=CLAIM, signer="recovery", key=recovery_key)
        else:
            _check_signature(jws, kind=HANDOVER, signer=str(known.leader), key=known.key)
            _check_next(claimed, known)
        _check_cluster(jws, cluster)
        known = claimed
    return known


def _facts(cluster: str, to: Leadership) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "term": to.term,
        "to": {"id": to.leader, "identity_key": to.key},
    }


def _links(handover: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """The links, newest first."""
    link: Any = handover
    for _ in range(LONGEST_CHAIN):
        if link is None:
            return
        if not isinstance(link, dict):
            raise NotAuthorised("the handover is malformed")
        yield link
        link = link.get("previous")
    raise NotAuthorised("the chain of handovers is too long")


def _peek(link: Mapping[str, Any]) -> tuple[str, Leadership]:
    """What the link says, before its signature is checked."""
    jws = link.get("claim", link.get("signed"))
    if not isinstance(jws, str):
        raise NotAuthorised("the handover is not signed")
    try:
        facts = _payload(jws)
        to = checks.mapping(facts, "to")
        return jws, Leadership(
            term=checks.number(facts, "term"),
            leader=checks.number(to, "id"),
            key=checks.raw_key(to, "identity_key"),
        )
    except ValueError as error:
        raise NotAuthorised(f"the handover is malformed: {error}") from error


def _payload(jws: str) -> dict[str, Any]:
    try:
        _, payload = signing.read_unverified(jws)
    except signing.SignatureRejected as error:
        raise NotAuthorised("the handover is malformed") from error
    return read_object(payload)


def _check_signature(jws: str, *, kind: str, signer: str, key: str) -> None:
    header, _ = signing.read_unverified(jws)
    if (header.get("typ"), header.get("kid")) != (kind, signer):
        raise NotAuthorised("the handover is not signed by the leader before it")
    try:
        signing.verify(jws, key=key)
    except signing.SignatureRejected as error:
        raise NotAuthorised("the signature of the handover is not valid") from error


def _check_next(claimed: Leadership, known: Leadership) -> None:
    if claimed.term != known.term + 1:
        raise NotAuthorised(f"no handover leads from term {known.term} to term {claimed.term}")


def _check_cluster(jws: str, cluster: str) -> None:
    if _payload(jws).get("cluster") != cluster:
        raise NotAuthorised("the handover is of another cluster")
