"""Root's word on who leads, when the leader is lost, has come back, or is in doubt (S39, S41)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone
from joserfc.jwk import OKPKey

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import state
from cluster.errors.leadership import (
    DeposedCannotLead,
    LeaderWorks,
    NodeIsAlreadyLeader,
    NodeNotEligible,
    NotAMember,
    RecoveryKeyWrong,
)
from cluster.models import Operation, SignedState
from cluster.services import returning, takeover
from cluster.services.survey import Survey
from nodes import role
from nodes.agent import document, signing, succession
from nodes.agent.succession import Leadership
from nodes.errors import NodeNotFound
from nodes.local_agent import AgentRefused, AgentStatus, get_local_agent
from nodes.names import parse_endpoint
from nodes.role import NodeIdentity, Role

Json = dict[str, Any]


class Course(StrEnum):
    """What naming a node means on this one."""

    LEAD = "lead"
    FOLLOW = "follow"
    REASSERT = "reassert"


@dataclass(frozen=True, slots=True)
class Switched:
    """This node leads that term now."""

    term: int
    generation: int
    leader: int


@dataclass(frozen=True, slots=True)
class Loss:
    """The state that this node holds: what was changed after it was issued is lost."""

    term: int
    generation: int
    issued_at: datetime

    @property
    def age(self) -> timedelta:
        """By two clocks, the old leader's and this one's."""
        return max(timezone.now() - self.issued_at, timedelta())


def choose(node_id: int) -> Course:
    """What ``--node`` with this number means here, now; changes nothing.

    Raises ``NotAMember``, ``LeaderWorks``, ``NodeIsAlreadyLeader``, ``NodeNotEligible``,
    ``DeposedCannotLead``; whether another node may lead, its agent says when it is asked to follow.
    """
    status = get_local_agent().status()
    present = role.current()
    _check_member(status)
    if node_id < 1:
        raise NodeNotFound(node=node_id)
    if present.is_leader and not present.is_contested:
        _check_unfinished(present, node_id)
        return Course.LEAD
    if node_id != present.node_id:
        return Course.FOLLOW
    if present.is_contested:
        return Course.REASSERT
    _check_may_lead(present, status)
    return Course.LEAD


def _check_member(status: AgentStatus) -> None:
    if status["role"] == Role.REMOVED:
        raise NotAMember(advice="It was removed from its cluster; give it a clean start, and join.")
    if status["role"] == Role.UNINITIALISED:
        raise NotAMember(advice="Create one, or join one, first.")


def _check_unfinished(present: NodeIdentity, node_id: int) -> None:
    """A leader that works is not switched; one whose first state was not stored yet is finished."""
    if node_id != present.node_id:
        raise LeaderWorks(node=f"node{present.node_id}")
    if state.find_signed() is not None:
        raise NodeIsAlreadyLeader(node=f"node{node_id}")


def _check_may_lead(present: NodeIdentity, status: AgentStatus) -> None:
    if present.role == Role.DEPOSED:
        successor = present.successor or {}
        raise DeposedCannotLead(leader=successor.get("fqdn"), node=successor.get("id"))
    if not status["eligible"]:
        advice = "It holds no copy of what a leader needs. Name another node."
        raise NodeNotEligible(node=f"node{present.node_id}", advice=advice)


def describe_loss() -> Loss:
    """What the state that this node holds is: the newest that it knows."""
    held = get_local_agent().status()["state"]
    if held is None:
        raise NotAMember(advice="It holds no state of it.")
    issued_at = datetime.fromisoformat(held["issued_at"])
    return Loss(term=held["term"], generation=held["generation"], issued_at=issued_at)


def check_recovery_key(key: OKPKey | None) -> None:
    """Raises ``RecoveryKeyWrong`` for one that is not this cluster's."""
    if key is not None:
        held = document.read_unverified(get_local_agent().open_state()["jws"])
        _check_key(held, key)


def describe_wait(node_id: int, *, since: datetime) -> str:
    """What a node that shall follow is waiting for, and what it has refused since then."""
    refused = get_local_agent().status()["refused_state"]
    waiting = f"Waiting until node{node_id} leads and this node has found it …"
    if refused is None or datetime.fromisoformat(refused["at"]) < since:
        return waiting
    return f"{waiting} Refused: {refused['detail']}"


def survey_others() -> Survey:
    """Ask the other nodes whether one of them holds a newer state than this one."""
    return Survey.begin(document.read_unverified(get_local_agent().open_state()["jws"]))


def lead_here(
    *, actor: Actor, endpoint: str | None = None, recovery_key: OKPKey | None = None
) -> Switched:
    """Import the state that this node holds, and lead the next term with it.

    Safe to repeat after a crash at any point: the import is one transaction that knows itself, and
    the agent signs one first state a term. Raises ``EndpointInvalid``, ``RecoveryKeyWrong``.
    """
    wanted = None if endpoint is None else parse_endpoint(endpoint)
    if role.current().is_leader:
        return switched(state.publish())
    held, sealed = takeover.open_held_state()
    term = _next_term(held, sealed)
    claim = None if recovery_key is None else _claim(held, term=term, key=recovery_key)
    first = takeover.import_state(
        document=held,
        sealed=sealed,
        term=term,
        handover=claim,
        endpoint=wanted,
        actor=actor,
        reason="recovery_key" if claim else "root",
    )
    return switched(state.store(get_local_agent().lead(first, approved=claim is None)))


def _next_term(held: Json, sealed: Json) -> int:
    """The next one; or one more where the lost leader may have handed the next one to a node that
    is lost too.
    """
    own_id = role.current().node_id
    handing_over = any(
        operation["kind"] == Operation.Kind.PROMOTE and operation["node"] != own_id
        for operation in sealed["operations"]
    )
    return int(held["term"]) + (2 if handing_over else 1)


def _claim(held: Json, *, term: int, key: OKPKey) -> Json:
    """The recovery key's word that this node leads that term."""
    _check_key(held, key)
    own_id = role.current().node_id
    own_key = next(node["identity_key"] for node in held["nodes"] if node["id"] == own_id)
    to = Leadership(term=term, leader=int(own_id or 0), key=own_key)
    return succession.sign_claim(cluster=held["cluster"]["uuid"], to=to, key=key)


def _check_key(held: Json, key: OKPKey) -> None:
    if signing.public_text(key) != held["cluster"]["recovery_key"]:
        raise RecoveryKeyWrong


def follow(*, actor: Actor, node_id: int) -> int:
    """Approve another leader here; this node follows it as soon as it finds it leading, in a term
    above the one that is returned.

    A leader that was deposed, or is in doubt, keeps aside first what was changed on it too late.
    Raises ``LeaderWorks``, and what the agent refuses.
    """
    present = role.current()
    if present.is_leader and not present.is_contested:
        raise LeaderWorks(node=f"node{present.node_id}")
    agent = get_local_agent()
    if present.role not in (Role.DEPOSED, Role.LEADER):
        return agent.follow(node_id=node_id, by=actor.name)["above_term"]
    late, kept = returning.find_late_writes().count(), returning.keep_aside()
    try:
        with transaction.atomic():
            approved = agent.follow(node_id=node_id, by=actor.name, late_changes=late)
            details = {"leader": node_id, "late_changes": late, "kept": str(kept)}
            record(AuditAction.LEADERSHIP_FOLLOWED, actor=actor, details=details)
    except AgentRefused:
        if role.current().role == present.role:  # nobody else has had it follow meanwhile
            returning.discard(kept)
        raise
    return approved["above_term"]


def find_claimant() -> int:
    """The node that leads instead of this one, as far as this one knows.

    Raises ``LeaderWorks``, and ``NotAMember`` on a machine without a cluster.
    """
    present = role.current()
    if present.node_id is None:
        raise NotAMember(advice="Create one, or join one, first.")
    if present.successor is not None:
        return int(present.successor["id"])
    newest = max(present.contested, key=lambda claim: claim["term"], default=None)
    if newest is None:
        raise LeaderWorks(node=f"node{present.node_id}")
    return int(newest["leader"])


def has_followed(node_id: int, *, above_term: int) -> bool:
    """Whether this node holds a state of that leader's, which settles the approval: of a term above
    that one, or of that very term where two nodes led it.
    """
    status = get_local_agent().status()
    leader, held = status["leader"], status["state"]
    if status["role"] != Role.WORKER or leader is None or held is None:
        return False
    is_open = any(given["node_id"] == node_id for given in status["approvals"])
    return bool(leader["id"] == node_id and held["term"] >= above_term and not is_open)


def switched(signed: SignedState | None) -> Switched:
    """What that first state of a term says; raises ``NotAMember`` where there is none."""
    if signed is None:
        raise NotAMember(advice="It does not lead.")
    return Switched(signed.term, signed.generation, int(role.current().node_id or 0))
