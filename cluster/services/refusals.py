"""A node refused a cluster state: perhaps somebody else signs one, so the audit trail says it."""

from dataclasses import dataclass
from typing import Any

from audit.actions import AuditAction
from audit.actor import Actor, ActorKind, Interface, Verified
from audit.models import Outcome
from audit.services import record
from nodes.models import Contact, Node
from nodes.services.callers import Caller

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the node did not follow, in its own words."""

    code: str
    detail: str


def find_new(caller: Caller, health: dict[str, Any]) -> Refusal | None:
    """What the node refused since its last call; to be asked before that call is noted."""
    told = _read(health)
    if told is None:
        return None
    before = Contact.objects.values_list("health", flat=True).get(node_id=caller.id)
    return None if told == _read(before) else told


def record_refusal(caller: Caller, refusal: Refusal, *, source: str | None) -> None:
    """One event for each new refusal, in the transaction that notes the call."""
    node = Node.objects.get(pk=caller.id)
    record(
        AuditAction.NODE_STATE_REFUSED,
        actor=Actor(
            name=node.fqdn[:150],
            kind=ActorKind.NODE,
            interface=Interface.AGENT,
            source=source,
            verified=Verified.NODE_KEY,
        ),
        target=node.audit_target,
        outcome=Outcome.DENIED,
        details={"code": refusal.code, "detail": refusal.detail},
    )


def _read(health: dict[str, Any]) -> Refusal | None:
    refused = health.get("refused_state")
    if not isinstance(refused, dict):
        return None
    return Refusal(*(str(refused.get(name, ""))[:LONGEST] for name in ("code", "detail")))
