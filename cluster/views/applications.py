"""What runs where."""

from typing import Any

from django import forms

from cluster.views.page import LivePage
from nodes.models import Application, ApplicationQuerySet


class Narrowing(forms.Form):
    """Which applications are wanted; what makes no sense narrows nothing."""

    node = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
    domain = forms.CharField(required=False, max_length=253)


class ApplicationsPage(LivePage):
    """Every application that the nodes report; ``?node=`` and ``?domain=`` narrow it."""

    template_name = "cluster/applications.html"
    fragment_name = "cluster/applications_list.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        narrowing = Narrowing(self.request.GET)
        wanted = narrowing.cleaned_data if narrowing.is_valid() else {}
        node, domain = wanted.get("node"), wanted.get("domain")
        applications = _applications()
        if node:
            applications = applications.filter(node=node)
        if domain:
            applications = applications.providers().filter(domain=domain)
        return super().get_context_data(
            applications=applications, only_node=node, only_domain=domain, **context
        )


def _applications() -> ApplicationQuerySet:
    rows = Application.objects.select_related("node", "node__contact")
    return rows.listed()
