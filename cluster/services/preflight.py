"""The pre-flight for requests: asks, waits, and names who is silent (S36)."""

import threading
import time
from collections.abc import Sequence

from cluster.errors.leadership import NodeIsAlreadyLeader
from cluster.preflight import Check, Kind, Preflight, ask, conclude, read
from cluster.preflight.asking import PATIENCE
from nodes.models import Node

LOOK_SECONDS = 0.1
"""Between two looks for answers."""

__all__ = ["Check", "Kind", "Preflight", "ask", "check", "conclude", "read"]


def check(node: Node, *, patience: float = PATIENCE.total_seconds()) -> Preflight:
    """Ask every node now and wait for all answers, at most so many seconds.

    Raises ``NodeIsAlreadyLeader``.
    """
    if node.role == Node.Role.LEADER:
        raise NodeIsAlreadyLeader(node=node)
    return _await(node, ask(node), until=time.monotonic() + patience)


def _await(node: Node, command_ids: Sequence[int], *, until: float) -> Preflight:
    nothing = threading.Event()  # answers arrive in the database, from whichever process
    while (answer := read(node, command_ids)) is None and time.monotonic() < until:
        nothing.wait(LOOK_SECONDS)
    return answer or conclude(node, command_ids)
