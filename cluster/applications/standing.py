"""How a node says that an application is: read defensively, because it is the node's own word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodes.models import Application

KEEPERS = ("systemd", "agent")
HEALTHS = ("healthy", "unhealthy", "unknown")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the last sync told."""

    health: str = "unknown"
    doing: str = ""
    detail: str = ""
    kept_by: str = ""
    """``systemd`` or ``agent``; empty where its node did not say."""


def standing_of(application: Application) -> Standing:
    """Of one that was installed from here; nothing is known of any other."""
    contact = getattr(application.node, "contact", None)
    return read_standing(contact.health if contact else {}, application.name)


def read_standing(health: Any, name: str) -> Standing:
    """From what the node told with its sync."""
    told = _mapping(_mapping(health).get("applications")).get(name)
    values = _mapping(told)
    wellness, keeper = values.get("health"), values.get("kept_by")
    return Standing(
        health=wellness if wellness in HEALTHS else "unknown",
        doing=_text(values.get("doing")),
        detail=_text(values.get("detail")),
        kept_by=keeper if keeper in KEEPERS else "",
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) and value.isprintable() else ""
