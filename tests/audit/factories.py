"""Events of the smallest kind."""

from typing import Any

from audit.actions import AuditAction
from audit.actor import Actor, ActorKind, Interface, Target
from audit.models import AuditEvent
from audit.services import record

NODE = Target(kind="node", id="3", label="node3.example.org", node=3)


def person(name: str = "ann", **values: Any) -> Actor:
    """An administrator, by API, from a documentation address."""
    given: dict[str, Any] = {"source": "192.0.2.7", **values}
    return Actor(name, ActorKind.ADMINISTRATOR, Interface.API, **given)


def make_event(action: AuditAction = AuditAction.NODE_CHANGED, **values: Any) -> AuditEvent:
    """One event; ``actor`` is Ann and ``target`` node 3 unless said otherwise."""
    return record(action, **{"actor": person(), "target": NODE, **values})
