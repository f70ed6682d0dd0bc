"""The leader's answer to a sync, checked before anything acts on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodes.agent import checks

LONGEST_WAIT = 5.0
CLOCK_CODES = ("clock_skew", "token_replayed")
"""Refusals that say that the two clocks differ: once set right, the call is worth repeating."""


@dataclass(frozen=True, slots=True)
class Command:
    """One typed verb; ``id`` tells a repeated delivery from a new command."""

    id: int
    verb: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the leader has for this node."""

    state: str | None
    commands: tuple[Command, ...]
    wait: float
    facts_wanted: bool
    inventory_wanted: bool
    silent: tuple[int, ...]
    """Active nodes that the leader does not hear; only the leader's own agent is told."""
    deeds_noted: tuple[str, ...]

    @property
    def has_news(self) -> bool:
        """Whether there is something to tell the leader at once."""
        return self.state is not None or self.facts_wanted or self.inventory_wanted


def parse_reply(body: Mapping[str, Any]) -> Reply:
    """Read the answer; raises ValueError."""
    state, wait = body.get("state"), body.get("wait", 0)
    if state is not None and not isinstance(state, str):
        raise ValueError("state is not a text")
    if not isinstance(wait, int | float):
        raise ValueError("wait is not a number")
    return Reply(
        state=state,
        commands=tuple(_command(item) for item in body.get("commands") or []),
        wait=min(max(float(wait), 0.0), LONGEST_WAIT),
        facts_wanted=body.get("facts_wanted") is True,
        inventory_wanted=body.get("inventory_wanted") is True,
        silent=tuple(checks.number({"id": item}, "id") for item in body.get("silent") or []),
        deeds_noted=tuple(str(item) for item in body.get("deeds_noted") or []),
    )


def _command(source: Any) -> Command:
    if not isinstance(source, dict):
        raise ValueError("a command is not an object")
    return Command(
        id=checks.number(source, "id"),
        verb=checks.text(source, "verb", longest=32),
        arguments=checks.mapping(source, "arguments"),
    )
