"""What people have to do after a node was removed (S17, S22)."""

from collections.abc import Mapping
from typing import Any

from cluster import follow_ups
from cluster.models import FollowUp
from nodes.models import Node


def note_leftovers(node: Node, removal: Mapping[str, Any]) -> None:
    """Shut the machine down; and remove by hand what an unreachable one had in its domains."""
    subject = f"node{node.pk}"
    follow_ups.note(
        FollowUp.Kind.SHUT_DOWN_NODE,
        subject=subject,
        detail=f"Shut down {node} to finalise its removal. {_advice(removal)}",
        node=node.pk,
    )
    replicas = ", ".join(f"{each['name']} ({each['domain']})" for each in removal["providers"])
    if replicas:
        follow_ups.note(
            FollowUp.Kind.REMOVE_LEFTOVERS,
            subject=subject,
            detail=f"{node} was removed while it was unreachable, with these account provider "
            f"replicas: {replicas}. Providers that were added here forget it by themselves; remove "
            "by hand what it left over in any other domain.",
            node=node.pk,
        )


def _advice(removal: Mapping[str, Any]) -> str:
    if not removal["reachable"]:
        return "It was unreachable: if it is switched on again, it learns that it was removed."
    names = ", ".join(removal["applications"])
    return f"Its applications keep running there: {names}." if names else "Nothing ran on it."
