"""The fleet, and one node of it."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone

from audit.blocks import newest_first
from audit.models import AuditEvent
from cluster.models import FollowUp, JoinCode, Operation
from cluster.services.health import find_warnings
from cluster.views.charts import Chart, charts
from cluster.views.health import cluster_sentence
from cluster.views.measures import booted_at, measures
from cluster.views.page import LivePage
from cluster.views.peers import peers
from cluster.views.shared import SharedPart
from nodes.models import Application, Contact, Node
from nodes.role import current

RECENT = 8


class NodesPage(SharedPart, LivePage):
    """Every node with its role, state, addresses, versions and last contact (S1, S5)."""

    template_name = "cluster/nodes.html"
    fragment_name = "cluster/nodes_list.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        nodes = list(Node.objects.members().select_related("contact"))
        return super().get_context_data(
            nodes=nodes,
            sentence=cluster_sentence(current(), nodes),
            open_codes=JoinCode.objects.open().count(),
            follow_ups=list(FollowUp.objects.open()),
            **context,
        )


class NodePage(LivePage):
    """Facts, VPN, health and history of one node."""

    template_name = "cluster/node.html"
    fragment_name = "cluster/node_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        query = Node.objects.members().select_related("contact")
        node = get_object_or_404(query, pk=self.kwargs["node_id"])
        contact: Contact | None = getattr(node, "contact", None)
        facts = contact.facts if contact else {}
        own = AuditEvent.objects.filter(target_kind="node", target_id=str(node.pk))
        return super().get_context_data(
            node=node,
            facts=facts,
            charts=self._charts(node),
            measures=measures(facts),
            booted_at=booted_at(facts),
            peers=peers(node),
            applications=list(Application.objects.filter(node=node)),
            warnings=find_warnings(node) if contact else [],
            operations=Operation.objects.filter(node=node)[:RECENT],
            events=newest_first(own)[:RECENT],
            **context,
        )

    def _charts(self, node: Node) -> list[Chart]:
        """With the page itself; its live part has no charts, for they ask for themselves."""
        is_fragment = getattr(self.request, "htmx", False)
        return [] if is_fragment else charts(node, now=timezone.now())
