"""What people have to do after a node was removed (S17, S22)."""

from collections.abc import Mapping
from typing import Any

from cluster import follow_ups
from cluster.models import FollowUp
from nodes.models import Node


def note_leftovers(node: Node, removal: Mapping[str, Any]) -> None:
    """Shut the machine down; and where it could not be told, clean up after it."""
    follow_ups.note(
        FollowUp.Kind.SHUT_DOWN_NODE,
        subject=_subject(node),
        detail=f"Shut down {node} to finalise its removal. {_running(removal)}",
        node=node.pk,
    )
    if not removal["reachable"]:
        follow_ups.note(
            FollowUp.Kind.REMOVE_LEFTOVERS,
            subject=_subject(node),
            detail=f"{node} was not reachable when it was removed. {_left_over(removal)}",
            node=node.pk,
        )


def _subject(node: Node) -> str:
    return f"node{node.pk}"


def _running(removal: Mapping[str, Any]) -> str:
    names = ", ".join(removal["applications"])
    return f"Its applications keep running there: {names}." if names else "Nothing ran on it."


def _left_over(removal: Mapping[str, Any]) -> str:
    replicas = ", ".join(f"{each['name']} ({each['domain']})" for each in removal["providers"])
    if not replicas:
        return "If it is switched on again, it learns of its removal; its data stays on its disk."
    return f"Remove these account provider replicas from their domains by hand: {replicas}."
