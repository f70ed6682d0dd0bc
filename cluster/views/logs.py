"""The logs of all nodes: filters in one line, what was said below them, newest first."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.views.generic import TemplateView

from cluster.logs.cursor import NoCursor
from cluster.logs.form import LogFilter
from cluster.logs.search import Findings, find
from cluster.logs.store import folder, list_nodes
from nodes.models import Contact, Node

PAGE_SIZE = 100
LONGEST = 500
"""Of what a node says is wrong."""
ELSEWHERE = ("cursor", "live")
"""What the address says beside the filter."""


class LogsPage(TemplateView):
    """What nodes and applications have said."""

    template_name = "cluster/logs.html"
    fragment_name = "cluster/logs_list.html"

    def get_template_names(self) -> list[str]:
        is_fragment = getattr(self.request, "htmx", False)
        return ["console/fragment.html"] if is_fragment else super().get_template_names()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        given = self.request.GET
        form = LogFilter(given)
        found = _find(form, cursor=given.get("cursor", ""))
        newest, is_newest = _address(given), not given.get("cursor")
        nodes = Node.objects.members().select_related("contact")
        return super().get_context_data(
            form=form,
            nodes=nodes,
            senders=_find_senders(nodes),
            lacking=list(_find_lacking(nodes)),
            records=found.records,
            searched_back_to=found.searched_back_to,
            damaged=found.damaged,
            is_filtered=any(given.get(name) for name in form.fields),
            is_newest=is_newest,
            live=is_newest and "live" in given,
            fragment=self.fragment_name,
            newest=newest,
            following=_address(given, live="1"),
            earlier=_address(given, cursor=found.cursor) if found.cursor else None,
            file=reverse("api_logs_export") + newest if form.is_valid() else "",
            **context,
        )


def _find_senders(nodes: Iterable[Node]) -> list[tuple[int, bool]]:
    """Of whom there may be lines, and whether that is a node now."""
    present = {node.pk for node in nodes}
    return [(pk, pk in present) for pk in sorted(present | list_nodes(folder()))]


def _find_lacking(nodes: Iterable[Node]) -> Iterator[tuple[Node, str]]:
    """Nodes that say themselves that they send nothing, and why."""
    for node in nodes:
        contact: Contact | None = getattr(node, "contact", None)
        told = contact.health.get("logs") if contact else None
        if isinstance(told, dict) and told.get("state") in ("missing", "failed"):
            yield node, str(told.get("detail", ""))[:LONGEST]


def _find(form: LogFilter, *, cursor: str) -> Findings:
    """Nothing for what is no question."""
    if not form.is_valid():
        return Findings([])
    try:
        return find(form.question, limit=PAGE_SIZE, cursor=cursor)
    except NoCursor:
        return find(form.question, limit=PAGE_SIZE)


def _address(asked: QueryDict, **more: str) -> str:
    """The same filter from another place."""
    parameters = asked.copy()
    for name in ELSEWHERE:
        parameters.pop(name, None)
    for name, value in more.items():
        parameters[name] = value
    return f"?{parameters.urlencode()}"
