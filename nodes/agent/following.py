"""Whom a node follows and why: states it accepts, root's word, and being deposed."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nodes.agent import acceptance
from nodes.agent.acceptance import Approval, Trust
from nodes.agent.errors import (
    AlreadyFollowed,
    FollowsItself,
    ForeignCluster,
    LeaderInOffice,
    NotAMember,
)
from nodes.agent.history import Contest, Deed, Successor
from nodes.agent.record import Leader, Record
from nodes.agent.state import Member
from nodes.agent.store import Holding
from nodes.agent.succession import Leadership

MOST_DEEDS = 32


def accept(held: Holding, jws: str) -> Holding:
    """The holding that follows from a state that was sent; raises DocumentError.

    A leader accepts no other leader's state: first it is deposed, and told whom to follow.
    """
    state = acceptance.accept(jws, trust=trust(held))
    if held.record.role in ("leader", "deposed") and state.leader != held.record.node_id:
        raise LeaderInOffice(term=held.record.term)
    return held if jws == held.jws else Holding(held.record.advanced(state), jws, state)


def trust(held: Holding) -> Trust:
    """All that a state must be measured by; raises ForeignCluster where there is nothing."""
    record, leadership = held.record, held.leadership
    if record.cluster is None or leadership is None or record.removed:
        raise ForeignCluster(theirs="that sent it", ours="no cluster")
    return Trust(
        cluster=record.cluster,
        leadership=leadership,
        generation=held.generation,
        recovery_key=held.recovery_key,
        jws=held.jws,
        approvals=(*record.approvals, *_own_word(record, since=leadership)),
    )


def _own_word(record: Record, *, since: Leadership) -> Iterator[Approval]:
    """Whom this node has given its next term leads it, even if the link was lost on the way and
    root's word stood in for it.
    """
    given = record.handed_over
    if given is not None and given.term == since.term + 1:
        key = str(given.link["to"]["identity_key"])
        yield Approval(str(record.cluster), given.to, key, since.term)


def approve(held: Holding, *, node_id: int, by: str, at: str, late_changes: int = 0) -> Holding:
    """Root's word on this node: from now on that member may lead it, above the term we know.

    Raises NotAMember, LeaderInOffice, UnknownNode, NotEligible, AlreadyFollowed or FollowsItself.
    """
    record, known, state = held.record, held.leadership, held.state
    if not record.is_member or known is None or state is None:
        raise NotAMember
    if record.role == "leader" and not record.contested:
        raise LeaderInOffice(term=record.term)
    member = state.find_candidate(node_id)
    if node_id == known.leader:
        raise AlreadyFollowed(node_id=node_id)
    if node_id == record.node_id:
        raise FollowsItself(node_id=node_id)
    given = Approval(state.cluster, node_id, member.identity_key, known.term)
    if given in record.approvals and record.role == "worker":
        return held
    deed = Deed(secrets.token_hex(8), at, by, "follow", node_id, late_changes)
    approved = replace(
        record, approvals=(given,), deeds=(*record.deeds, deed)[-MOST_DEEDS:], overruled=()
    )
    return replace(held, record=_stepped_down(approved, member))


def forget_deeds(held: Holding, noted: Iterable[str]) -> Holding:
    """The leader has these in its audit trail."""
    known = set(noted)
    left = tuple(deed for deed in held.record.deeds if deed.id not in known)
    return replace(held, record=replace(held.record, deeds=left))


def contest(held: Holding, contests: tuple[Contest, ...]) -> Holding:
    """Who says that another leads; nobody, when it is over."""
    return replace(held, record=replace(held.record, contested=contests))


def depose(held: Holding, successor: Successor) -> Holding:
    """The holding of a leader that has learnt of a later one."""
    member = held.state.find(successor.id) if held.state else None
    record = replace(
        held.record,
        role="deposed",
        leader=Leader.of(member) if member else held.record.leader,
        contested=(),
        overruled=(),
        successor=successor,
    )
    return replace(held, record=record)


def _stepped_down(record: Record, successor: Member) -> Record:
    """A leader that follows is a worker; one that always was keeps its leader until it has the
    next one's state.
    """
    if record.role == "worker":
        return record
    return replace(
        record,
        role="worker",
        leader=Leader.of(successor),
        contested=(),
        successor=None,
        built_on=None,
    )
