"""What is new for a node, and waiting for it while there is nothing."""

import time
from dataclasses import dataclass

from django.utils import timezone

from cluster.models import SignedState
from cluster.watch import Marker, read_marker, watch
from nodes.models import Command
from nodes.services.commands import list_open_commands

CALLS_PER_SECOND = 60
"""What the whole cluster may ask at rest: the more nodes, the longer each waits."""
SHORTEST_WAIT = 2.0
HURRIED_WAIT = 0.2
"""While leadership moves: a node over the budget of held calls shall not keep everybody waiting."""
LONGEST_WAIT = 5.0
"""Below the time after which a silent node is shown offline, with room for one lost call."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a node holds already: the number of it, and of its term."""

    node_id: int
    term: int
    generation: int


@dataclass(frozen=True, slots=True)
class News:
    """What is new for the node, and in how many seconds it shall ask again."""

    state: str | None = None
    commands: tuple[Command, ...] = ()
    wait: float = 0.0

    @property
    def is_something(self) -> bool:
        return self.state is not None or bool(self.commands)


def await_news(held: Held, *, patience: float) -> News:
    """What is new, as soon as there is anything; nothing after so many seconds of patience."""
    until = time.monotonic() + patience
    marker = read_marker()
    while not (news := _find_news(held, marker)).is_something:
        if not watch.wait(seen=marker, until=until):
            return News(wait=pause(members=marker.members, moving=bool(marker.moving)))
        if time.monotonic() >= until:
            return News()
        marker = read_marker()
    return news


def find_news(held: Held) -> News:
    """What is new now."""
    return _find_news(held, read_marker())


def _find_news(held: Held, marker: Marker) -> News:
    state: str | None = None
    commands: tuple[Command, ...] = ()
    if (marker.term, marker.generation) > (held.term, held.generation):
        state = SignedState.objects.values_list("jws", flat=True).first()
    if marker.command:
        commands = tuple(list_open_commands(held.node_id, now=timezone.now()))
    return News(state, commands)


def pause(*, members: int, moving: bool = False) -> float:
    """Seconds until the next call, so that what the leader spends does not grow with its nodes."""
    shortest = HURRIED_WAIT if moving else SHORTEST_WAIT
    return min(max(shortest, members / CALLS_PER_SECOND), LONGEST_WAIT)
