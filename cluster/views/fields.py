"""What form fields have in common."""

from collections.abc import Collection

from django.utils.translation import gettext

from nodes.models import Node

MONO = {"class": "mono", "autocomplete": "off", "spellcheck": "false"}
"""Attributes of an input for what machines read: names, addresses, codes."""


def node_choices(*, without: Collection[Node] = ()) -> list[tuple[int, str]]:
    """Where something can be put: the members by number, and which of them are offline."""
    active = Node.objects.filter(state=Node.State.ACTIVE).select_related("contact")
    free = active.exclude(pk__in=[node.pk for node in without])
    return [(node.pk, _describe(node)) for node in free.order_by("pk")]


def _describe(node: Node) -> str:
    name = node.label or node.fqdn
    if node.status == Node.Status.ONLINE:
        return f"node{node.pk} ({name})"
    return gettext("node{node} ({name}, offline)").format(node=node.pk, name=name)
