"""What needs attention on every page: operations, an agent that is silent, a VPN that is off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from cluster.models import Operation
from cluster.views.local_status import agent_status
from cluster.views.words import operation_title
from nodes.role import Role, current


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner above the content of a page."""

    meaning: str
    title: str
    text: str = ""
    url: str = ""
    link: str = ""
    progress: int | None = None


def collect(operations: Iterable[Operation]) -> list[Notice]:
    """Everything that needs attention now, what is wrong first, and the open operations."""
    return [*_agent(), *map(_running, operations)]


def _running(operation: Operation) -> Notice:
    undoing = "It failed and is being undone." if operation.undoing else "In progress."
    return Notice(
        "info",
        f"{operation_title(operation)}.",
        undoing,
        url=reverse("operation", args=[operation.pk]),
        link="Follow it",
        progress=operation.progress,
    )


def _agent() -> list[Notice]:
    status = agent_status()
    if status is None:
        return [
            Notice(
                "danger",
                "This node's agent does not answer.",
                "Changes wait until it runs again. It is started again by itself; "
                "if this stays, look at its log.",
            )
        ]
    return [] if current().role == Role.UNINITIALISED else _vpn(status["vpn"])


def _vpn(vpn: Mapping[str, Any]) -> list[Notice]:
    match vpn["state"]:
        case "off":
            text = f"{vpn['reason'] or ''} Nodes use their public addresses; all else works."
            return [Notice("warning", "The VPN is off on this node.", text.strip())]
        case "failed":
            return [Notice("danger", "The VPN of this node does not work.", vpn["reason"] or "")]
        case _:
            return []
