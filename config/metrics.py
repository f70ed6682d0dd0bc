"""``/metrics``: figures for Prometheus, counted in the database when they are asked for."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Min
from django.http import HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import HasAccess
from accounts.actors import client_address
from cluster.models import Cluster, Operation, SignedState
from config.version import VERSION
from nodes import role
from nodes.models import Node

LOOPBACK = ("127.0.0.1", "::1")


class LoopbackOrAccess(HasAccess):
    """Open to this machine itself; what a proxy on it passes on is not from this machine."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        forwarded = {"X-Forwarded-For", "Forwarded"} & request.headers.keys()
        if client_address(request) in LOOPBACK and not forwarded:
            return True
        return super().has_permission(request, view)


class MetricsView(APIView):
    """Everything in Prometheus' text format."""

    permission_classes = [LoopbackOrAccess]
    schema = None

    def get(self, request: Request) -> HttpResponse:
        registry = CollectorRegistry()
        registry.register(Figures())
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """What the database knows now."""

    def collect(self) -> Iterator[Metric]:
        present = role.current()
        yield InfoMetricFamily("flotilla", "This node.", {"version": VERSION, "role": present.role})
        yield _nodes()
        yield _operations()
        yield _oldest_operation()
        yield from _generations()


def _nodes() -> Metric:
    family = GaugeMetricFamily("flotilla_nodes", "Nodes by status.", labels=["status"])
    count = Counter(node.status for node in Node.objects.members().select_related("contact"))
    for status in Node.Status:
        family.add_metric([status], count[status])
    return family


def _operations() -> Metric:
    text = "Operations by kind and state."
    family = GaugeMetricFamily("flotilla_operations", text, labels=["kind", "state"])
    rows = Operation.objects.order_by().values_list("kind", "state").annotate(Count("pk"))
    for kind, state, count in rows:
        family.add_metric([kind, state], count)
    return family


def _oldest_operation() -> Metric:
    began = Operation.objects.open().aggregate(began=Min("created_at"))["began"]
    seconds = (timezone.now() - began).total_seconds() if began else 0.0
    text = "Age of the oldest operation that has not ended."
    return GaugeMetricFamily("flotilla_oldest_open_operation_seconds", text, value=seconds)


def _generations() -> Iterator[Metric]:
    cluster = Cluster.objects.first()
    if cluster is None:
        return
    signed = SignedState.objects.filter(term=cluster.term).first()
    for name, text, value in (
        ("flotilla_term", "Term of the cluster.", cluster.term),
        ("flotilla_generation", "Generation of the cluster's state.", cluster.generation),
        ("flotilla_signed_generation", "The newest that is signed.", _generation(signed)),
    ):
        yield GaugeMetricFamily(name, text, value=value)


def _generation(signed: SignedState | None) -> int:
    return signed.generation if signed else 0
