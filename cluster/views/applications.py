"""What runs where, and which nodes provide the accounts of a domain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django import forms

from cluster.views.page import LivePage
from nodes.models import Application, ApplicationQuerySet


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain, and the replicas that provide its accounts."""

    name: str
    providers: Sequence[Application]


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


class DomainsPage(LivePage):
    """The domains that account providers on the nodes serve, and where those are (S16)."""

    template_name = "cluster/domains.html"
    fragment_name = "cluster/domains_list.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        providers = _applications().providers().exclude(domain="").order_by("domain", "node")
        return super().get_context_data(domains=by_domain(providers), **context)


def by_domain(providers: Iterable[Application]) -> list[Domain]:
    """Providers that are sorted by domain, as domains."""
    groups = groupby(providers, key=attrgetter("domain"))
    return [Domain(name, list(group)) for name, group in groups]


def _applications() -> ApplicationQuerySet:
    rows = Application.objects.select_related("node", "node__contact")
    return rows.listed()
