"""The charts of a node: a part of its page that is asked for once a minute."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from cluster.views.charts import charts
from nodes.models import Node


class MetricsPart(TemplateView):
    """The last day, without the page around it."""

    template_name = "cluster/node_charts.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        node = get_object_or_404(Node.objects.members(), pk=self.kwargs["node_id"])
        return super().get_context_data(charts=charts(node, now=timezone.now()), **context)
