"""``/api/v1/domains/``: the domains whose accounts are provided on the nodes (S16)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from cluster.api.applications import ApplicationPages, ApplicationSerializer
from config.api.pagination import CursorPages
from nodes.errors import DomainNotFound
from nodes.models import Application, ApplicationQuerySet


class DomainSerializer(serializers.Serializer[dict[str, Any]]):
    """A domain, how many replicas provide its accounts, and on which nodes."""

    name = serializers.CharField(source="domain")
    providers = serializers.IntegerField()
    nodes = serializers.ListField(child=serializers.IntegerField())


class DomainPages(CursorPages):
    ordering = "domain"

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        """With the nodes of the domains of this page, in one more query."""
        page = super().paginate_queryset(queryset, request, view) or []
        nodes = _nodes_of(row["domain"] for row in page)
        return [row | {"nodes": nodes[row["domain"]]} for row in page]


@extend_schema_view(get=extend_schema(operation_id="domains_list"))
class DomainListView(generics.ListAPIView[Any]):
    """Domains by name; only those that some node provides."""

    serializer_class = DomainSerializer
    pagination_class = DomainPages
    filter_backends: Any = ()

    def get_queryset(self) -> Any:
        rows = _providers().order_by("domain").values("domain")
        return rows.annotate(providers=Count("pk"))


@extend_schema_view(get=extend_schema(operation_id="domains_providers_list"))
class ProviderListView(generics.ListAPIView[Application]):
    """The replicas that provide a domain's accounts."""

    serializer_class = ApplicationSerializer
    pagination_class = ApplicationPages
    filter_backends: Any = ()

    def get_queryset(self) -> ApplicationQuerySet:
        name = self.kwargs["name"].lower()
        found = _providers().filter(domain=name)
        if not found.exists():
            raise DomainNotFound(domain=name)
        return found


def _providers() -> ApplicationQuerySet:
    return Application.objects.listed().providers().exclude(domain="")


def _nodes_of(domains: Iterable[str]) -> dict[str, list[int]]:
    nodes: dict[str, list[int]] = {}
    pairs = _providers().filter(domain__in=list(domains)).order_by("node")
    for domain, node in pairs.values_list("domain", "node_id").distinct():
        nodes.setdefault(domain, []).append(node)
    return nodes
