"""Asking other members what they know of the leadership: few at a time, and never for long."""

import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nodes.agent import checks
from nodes.agent.state import Member
from nodes.agent.sync.client import Client, NoAnswer
from nodes.agent.sync.routes import to_member

PATH = "/agent/v1/leadership"
AT_ONCE = 4
SECONDS = 2.0
"""One round: whoever has not answered by then is as good as silent."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member answers, checked by nothing but the certificate that it showed."""

    member: Member
    body: dict[str, Any]

    @property
    def term(self) -> int:
        return _number(self.body.get("term"))

    @property
    def leader(self) -> int:
        return _number(self.body.get("leader"))

    @property
    def leader_url(self) -> str:
        try:
            return checks.https_url(self.body, "leader_url")
        except ValueError:
            return ""

    @property
    def built_on(self) -> dict[str, int] | None:
        """What the leader says that its term began with: numbers by name."""
        told = self.body.get("built_on")
        if not isinstance(told, dict):
            return None
        return {str(name)[:16]: _number(value) for name, value in list(told.items())[:8]}

    @property
    def leads(self) -> bool:
        return self.body.get("role") == "leader"


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0


Ask = Callable[[Member], Said | None]


def ask(member: Member) -> Said | None:
    """One question; None where no such member answers."""
    client, route = Client(), to_member(member)
    try:
        answer = client.get(route, PATH)
    except (NoAnswer, OSError):
        return None
    finally:
        client.forget(route)
    return Said(member, answer.body) if answer.status == 200 else None


def ask_all(
    members: Sequence[Member],
    *,
    ask: Ask = ask,
    is_enough: Callable[[Said], bool] = lambda said: False,
    seconds: float = SECONDS,
) -> list[Said]:
    """One round: what was answered in time, or until one answer was enough."""
    waiting = deque(random.sample(members, len(members)))
    heard: queue.SimpleQueue[Said | None] = queue.SimpleQueue()
    for _ in range(min(AT_ONCE, len(members))):
        threading.Thread(
            target=_ask_each, args=(waiting, heard, ask), name="asking", daemon=True
        ).start()
    said = _collect(heard, len(members), is_enough=is_enough, until=time.monotonic() + seconds)
    waiting.clear()
    return said


def _ask_each(waiting: deque[Member], heard: "queue.SimpleQueue[Said | None]", ask: Ask) -> None:
    while True:
        try:
            member = waiting.popleft()
        except IndexError:
            return
        heard.put(ask(member))


def _collect(
    heard: "queue.SimpleQueue[Said | None]",
    count: int,
    *,
    is_enough: Callable[[Said], bool],
    until: float,
) -> list[Said]:
    said: list[Said] = []
    for _ in range(count):
        try:
            one = heard.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        if one is not None:
            said.append(one)
            if is_enough(one):
                break
    return said
