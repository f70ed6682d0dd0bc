"""A member's signed word on who leads, for other members that have lost sight of each other."""

from joserfc.jwk import OKPKey

from nodes.agent import checks, signing
from nodes.agent.encoding import canonical_json, read_object
from nodes.agent.errors import NotAMember
from nodes.agent.state import Member
from nodes.agent.store import Holding
from nodes.agent.succession import Leadership

KIND = "flotilla-leadership"
"""The ``typ`` of the word."""


class ClaimInvalid(Exception):
    """The word is not that member's, or not of this cluster."""


def attest(held: Holding, *, key: OKPKey) -> str:
    """Our own word; raises NotAMember."""
    record = held.record
    leadership = _believed(held)
    if not record.is_member or leadership is None:
        raise NotAMember
    word = {
        "cluster": record.cluster,
        "term": leadership.term,
        "leader": {"id": leadership.leader, "identity_key": leadership.key},
        "node": record.node_id,
    }
    return signing.sign(canonical_json(word), key=key, key_id=str(record.node_id), kind=KIND)


def read(claim: str, *, member: Member, cluster: str) -> Leadership:
    """Whom that member holds to be the leader; raises ClaimInvalid."""
    try:
        header, payload = signing.read_unverified(claim)
        signing.verify(claim, key=member.identity_key)
        word = read_object(payload)
        leader = checks.mapping(word, "leader")
        claimed = Leadership(
            term=checks.number(word, "term"),
            leader=checks.number(leader, "id"),
            key=checks.raw_key(leader, "identity_key"),
        )
    except (signing.SignatureRejected, ValueError) as error:
        raise ClaimInvalid(f"node {member.id} signed no such word: {error}") from error
    said = (header.get("typ"), header.get("kid"), word.get("node"), word.get("cluster"))
    if said != (KIND, str(member.id), member.id, cluster):
        raise ClaimInvalid(f"node {member.id} signed something else")
    return claimed


def _believed(held: Holding) -> Leadership | None:
    """The leadership whose state we hold, or the later one that we made way for."""
    record = held.record
    later = record.successor or record.handed_over
    if later and record.leader and record.leader.id != record.node_id:
        return Leadership(later.term, record.leader.id, record.leader.identity_key)
    return held.leadership
