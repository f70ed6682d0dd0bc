"""How a node learns that it is no member any more, and starts anew."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from joserfc.jwk import OKPKey

from nodes.agent import signing, succession
from nodes.agent.encoding import canonical_json, read_object
from nodes.agent.errors import FarewellInvalid, NotAMember, NotEligible, NotLeader, NotRemoved
from nodes.agent.history import Removed
from nodes.agent.record import Leader, Record
from nodes.agent.store import Holding
from nodes.agent.succession import Leadership, NotAuthorised

FAREWELL = "flotilla-farewell"
"""The ``typ`` of the leader's word that a node is no member."""


def sign_farewell(held: Holding, *, node_id: int, identity_key: str, key: OKPKey) -> str:
    """The leader's word that this node, with this key, is no member; raises NotLeader."""
    record = held.record
    if record.role != "leader":
        raise NotLeader(cluster=record.cluster, term=record.term)
    if node_id == record.node_id:
        raise NotEligible(node_id=node_id)
    word = {
        "cluster": record.cluster,
        "node_id": node_id,
        "identity_key": identity_key,
        "term": record.term,
    }
    signer = str(record.node_id)
    return signing.sign(canonical_json(word), key=key, key_id=signer, kind=FAREWELL)


def depart(
    held: Holding,
    farewell: str,
    *,
    handover: Mapping[str, Any] | None,
    identity_key: str,
    at: str,
) -> Holding:
    """The holding of a node that was removed: no state, and the leader that said so.

    Raises FarewellInvalid unless a leader that this node follows, or must follow, signed it.
    """
    record, known = held.record, held.leadership
    if not record.is_member or record.role == "leader" or known is None:
        raise NotAMember
    speaker = _check_signed(farewell, _speakers(held, known, handover))
    word = _read(farewell)
    ours = (record.cluster, record.node_id, identity_key)
    if (word.get("cluster"), word.get("node_id"), word.get("identity_key")) != ours:
        raise FarewellInvalid(problem="it names another node")
    if not isinstance(word.get("term"), int) or word["term"] < known.term:
        raise FarewellInvalid(problem="it is of an earlier term")
    return Holding(_removed(held, by=speaker, at=at))


def confirm_removal(held: Holding) -> Holding:
    """The leader knows that we know."""
    removed = held.record.removed
    if removed is None:
        return held
    return replace(held, record=replace(held.record, removed=replace(removed, confirmed=True)))


def start_clean(held: Holding, *, name: str) -> Holding:
    """A machine as new; raises NotRemoved."""
    if held.record.role != "removed":
        raise NotRemoved
    return Holding(Record(fqdn=name))


def _removed(held: Holding, *, by: Leadership, at: str) -> Record:
    member = held.state.find(by.leader) if held.state else None
    return Record(
        fqdn=held.record.fqdn,
        role="removed",
        node_id=held.record.node_id,
        cluster=held.record.cluster,
        term=max(by.term, held.record.term),
        leader=Leader.of(member) if member else held.record.leader,
        removed=Removed(at=at, leader=by.leader),
    )


def _speakers(
    held: Holding, known: Leadership, handover: Mapping[str, Any] | None
) -> Iterator[Leadership]:
    """Whose word counts: the leader we know, the one its handovers prove, the one root named."""
    yield known
    for given in held.record.approvals:
        yield Leadership(given.above_term, given.node_id, given.identity_key)
    try:
        yield succession.follow(
            handover,
            cluster=held.record.cluster or "",
            since=known,
            recovery_key=held.recovery_key,
        )
    except NotAuthorised:
        return


def _check_signed(farewell: str, speakers: Iterator[Leadership]) -> Leadership:
    signer = _header(farewell)
    for speaker in speakers:
        if signer == (FAREWELL, str(speaker.leader)) and _is_by(farewell, speaker):
            return speaker
    raise FarewellInvalid(problem="no leader of this node signed it")


def _is_by(farewell: str, speaker: Leadership) -> bool:
    try:
        signing.verify(farewell, key=speaker.key)
    except signing.SignatureRejected:
        return False
    return True


def _header(farewell: str) -> tuple[Any, Any]:
    try:
        header, _ = signing.read_unverified(farewell)
    except signing.SignatureRejected as error:
        raise FarewellInvalid(problem=error) from error
    return header.get("typ"), header.get("kid")


def _read(farewell: str) -> Mapping[str, Any]:
    _, payload = signing.read_unverified(farewell)
    try:
        return read_object(payload)
    except ValueError as error:
        raise FarewellInvalid(problem="it is malformed") from error
