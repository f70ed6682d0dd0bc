"""What the forms about one node have in common."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.views.page import FormPage
from nodes.models import Node


class NodeFormPage(FormPage):
    """A form about the node that the path names."""

    @cached_property
    def node(self) -> Node:
        query = Node.objects.members().select_related("contact")
        return get_object_or_404(query, pk=self.kwargs["node_id"])

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(node=self.node, **context)


class WorkerFormPage(NodeFormPage):
    """A form about a worker: the leader has no such page (S15, S30)."""

    @cached_property
    def node(self) -> Node:
        node = super().node
        if node.role == Node.Role.LEADER:
            raise Http404
        return node
