"""What a leader may do, and how a node comes to be one: rules that give the next holding, and write
nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from joserfc.jwk import OKPKey

from nodes.agent import acceptance, document, succession
from nodes.agent.errors import (
    GenerationNotHeld,
    GenerationNotNewer,
    NotAMember,
    NotEligible,
    NotLeader,
    TermNotNewer,
)
from nodes.agent.history import BuiltOn, HandedOver
from nodes.agent.record import Leader, Record
from nodes.agent.state import State
from nodes.agent.store import Holding
from nodes.agent.succession import KEPT_LINKS, Leadership

Document = Mapping[str, Any]


def sign(held: Holding, proposed: Document, state: State, *, key: OKPKey) -> Holding:
    """The next generation of our own term; the generation that is held stays as it was signed."""
    record = held.record
    ours = (record.role, record.cluster, record.term, record.node_id)
    if ours != ("leader", state.cluster, state.term, state.leader):
        raise NotLeader(cluster=state.cluster, term=state.term)
    if state.generation < held.generation:
        raise GenerationNotNewer(theirs=state.generation, ours=held.generation)
    if state.generation == held.generation:
        return held
    jws = document.sign(proposed, key=key, node_id=state.leader)
    return Holding(record.advanced(state), jws, state)


def found(held: Holding, proposed: Document, state: State, *, key: OKPKey) -> Holding:
    """A new cluster with this node as its leader."""
    jws = document.sign(proposed, key=key, node_id=state.leader)
    fresh = Record(held.record.fqdn, role="leader", node_id=state.leader, cluster=state.cluster)
    return Holding(fresh.advanced(state), jws, state)


def take_lead(
    held: Holding, proposed: Document, state: State, *, key: OKPKey, approved: bool
) -> Holding:
    """The first state of a later term, which a handover, the recovery key or root's word gives
    to this node.

    Raises TermNotNewer, NotEligible or LeaderNotAuthorised.
    """
    since = _leadership(held, state)
    if state.term <= held.record.term:
        raise TermNotNewer(theirs=state.term, ours=held.record.term)
    if state.leader != held.record.node_id or not (held.own and held.own.may_lead):
        raise NotEligible(node_id=state.leader)
    if not approved:
        acceptance.check_succession(state, since=since, recovery_key=held.recovery_key)
    jws = document.sign(proposed, key=key, node_id=state.leader)
    built_on = BuiltOn(since.term, held.generation, since.leader, since.key)
    overruled = _overruled(held.record)
    record = replace(held.record, built_on=built_on).advanced(state)
    return Holding(replace(record, overruled=overruled), jws, state)


def hand_over(held: Holding, *, to: int, generation: int, key: OKPKey) -> Holding:
    """The holding of a node that leads no more: ``handed_over`` has the link for the next leader.

    Raises NotLeader, GenerationNotHeld, UnknownNode or NotEligible.
    """
    record, state = held.record, held.state
    given = record.handed_over
    if given and record.role == "worker" and given.to == to:
        return held
    if record.role != "leader" or record.contested or state is None:
        raise NotLeader(cluster=record.cluster, term=record.term)
    if generation != held.generation:
        raise GenerationNotHeld(theirs=generation, ours=held.generation)
    member = state.find_candidate(to)
    if to == record.node_id:
        raise NotEligible(node_id=to)
    link = _link(state, Leadership(state.term + 1, to, member.identity_key), key=key)
    record = replace(
        record,
        role="worker",
        term=state.term + 1,
        leader=Leader.of(member),
        handed_over=HandedOver(term=state.term + 1, to=to, link=link),
        overruled=(),
        built_on=None,
    )
    return replace(held, record=record)


def reassert(held: Holding, *, above: int, key: OKPKey) -> tuple[int, Mapping[str, Any]]:
    """A term above ours and ``above``, and the links by which we lead it ourselves.

    A claim that is out of reach of such links is no reason to follow it there: who made it is
    overruled all the same. Raises NotLeader.
    """
    record, state = held.record, held.state
    if record.role != "leader" or state is None:
        raise NotLeader(cluster=record.cluster, term=record.term)
    term = min(max(above, state.term) + 1, state.term + KEPT_LINKS)
    for step in range(state.term + 1, term + 1):
        ourselves = Leadership(step, state.leader, state.leading.identity_key)
        state = replace(state, handover=_link(state, ourselves, key=key))
    return term, state.handover or {}


def _link(state: State, to: Leadership, *, key: OKPKey) -> dict[str, Any]:
    link = succession.sign_handover(cluster=state.cluster, to=to, key=key, node_id=state.leader)
    return succession.extend(link, before=state.handover)


def _leadership(held: Holding, state: State) -> Leadership:
    is_ours = held.record.is_member and held.record.cluster == state.cluster
    if not is_ours or held.state is None or held.leadership is None:
        raise NotAMember
    return held.leadership


def _overruled(record: Record) -> tuple[int, ...]:
    """Who is not to be heard alone any more: root has re-asserted against their word."""
    if record.role != "leader":
        return ()
    return tuple(sorted({*record.overruled, *(contest.node_id for contest in record.contested)}))
