"""How a machine comes to be a member: adoption, pledge, admission, and the way back."""

from dataclasses import dataclass, replace

from nodes.agent.errors import LeaderCannotLeave, Pledged
from nodes.agent.record import Joining, Leader, Record
from nodes.agent.state import State
from nodes.agent.store import Holding


@dataclass(frozen=True, slots=True)
class LeaderPin:
    """What the join code and the enrolment proved about the leader."""

    identity_key: str
    tls_fingerprint: str
    console_url: str


def is_adopted(held: Holding, state: State, *, node_id: int) -> bool:
    """Whether this very enrolment was adopted before."""
    return (held.record.cluster, held.record.own_id) == (state.cluster, node_id)


def adopt(held: Holding, jws: str, state: State, *, node_id: int, leader: LeaderPin) -> Holding:
    """The holding of a machine that waits for the leader to admit it."""
    pinned = replace(
        Leader.of(state.leading),
        console_url=leader.console_url.removesuffix("/"),
        tls_fingerprint=leader.tls_fingerprint,
    )
    record = Record(
        fqdn=held.record.fqdn,
        cluster=state.cluster,
        term=state.term,
        leader=pinned,
        joining=Joining(node_id),
    )
    return Holding(record, jws, state)


def pledge(held: Holding) -> Holding:
    """The promise to leave the decision to the leader."""
    joining = held.record.joining
    if joining is None or not held.record.is_joining:
        return held
    return replace(held, record=replace(held.record, joining=replace(joining, pledged=True)))


def confirm(held: Holding) -> Holding:
    """The leader has answered this node: a held state that shows it as active admits it."""
    if held.state is None or not held.record.is_joining:
        return held
    return replace(held, record=held.record.advanced(held.state))


def withdraw(held: Holding, refused: Holding, *, code: str, detail: str, name: str) -> Holding:
    """Uninitialised again, with the leader's reason, if ``refused`` is still the membership."""
    joining = held.record.joining
    now, then = held.record, refused.record
    if joining is None or (now.cluster, now.own_id) != (then.cluster, then.own_id):
        return held
    withdrawn = replace(joining, withdrawn={"code": code, "detail": detail})
    return Holding(Record(fqdn=name, joining=withdrawn, reason=detail))


def check_may_leave(record: Record) -> None:
    """Raises Pledged or LeaderCannotLeave."""
    if record.role == "leader":
        raise LeaderCannotLeave
    joining = record.joining if record.is_joining else None
    if record.role != "uninitialised" or (joining and joining.pledged):
        raise Pledged
