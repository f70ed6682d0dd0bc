"""The pre-flight for requests: asks, waits, and names who is silent (S36)."""

from cluster.errors.leadership import NodeIsAlreadyLeader
from cluster.preflight import Check, Kind, Preflight, ask, conclude, read
from cluster.preflight.asking import PATIENCE
from cluster.services.answers import await_answers
from nodes.models import Node

__all__ = ["Check", "Kind", "Preflight", "ask", "check", "read"]


def check(node: Node, *, patience: float = PATIENCE.total_seconds()) -> Preflight:
    """Ask every node now and wait for all answers, at most so many seconds.

    Raises ``NodeIsAlreadyLeader``.
    """
    if node.role == Node.Role.LEADER:
        raise NodeIsAlreadyLeader(node=node)
    command_ids = ask(node)
    await_answers(command_ids, patience=patience)
    return conclude(node, command_ids)
