"""What form fields have in common."""

from collections.abc import Collection

from nodes.models import Node

MONO = {"class": "mono", "autocomplete": "off", "spellcheck": "false"}
"""Attributes of an input for what machines read: names, addresses, codes."""


def node_choices(*, without: Collection[Node] = ()) -> list[tuple[int, str]]:
    """Where something can be put: the members by number, and which of them are offline."""
    active = Node.objects.filter(state=Node.State.ACTIVE).select_related("contact")
    free = active.exclude(pk__in=[node.pk for node in without])
    return [(node.pk, _describe(node)) for node in free.order_by("pk")]


def _describe(node: Node) -> str:
    offline = "" if node.status == Node.Status.ONLINE else ", offline"
    return f"node{node.pk} ({node.label or node.fqdn}{offline})"
