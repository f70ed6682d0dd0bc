"""What was asked of the cluster, and how far it has come."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import View

from accounts.actors import actor_from
from cluster.filters import OperationFilter
from cluster.models import Operation
from cluster.services import operations
from cluster.views.page import LivePage
from cluster.views.shared import SharedPart
from config.errors import DomainError
from nodes.role import current

PAGE_SIZE = 50
ASK_AGAIN = {
    Operation.Kind.CREATE: "cluster_create",
    Operation.Kind.ENROL: "cluster_join",
    Operation.Kind.RESTORE: "cluster_restore",
}
"""Where an operation is asked for anew when what it needed was given in confidence."""


class OperationsPage(SharedPart, LivePage):
    """Operations, newest first: all of them, or those that the filter lets through."""

    template_name = "cluster/operations.html"
    fragment_name = "cluster/operations_list.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        asked = OperationFilter(self.request.GET, Operation.objects.select_related("node"))
        found = asked.qs if asked.form.is_valid() else Operation.objects.none()
        pages = Paginator(found, PAGE_SIZE)
        return super().get_context_data(
            form=asked.form,
            is_filtered=asked.form.has_changed(),
            operations=pages.get_page(self.request.GET.get("page")),
            **context,
        )


class OperationPage(LivePage):
    """One operation: its steps as they happen, its end, and what to do next."""

    template_name = "cluster/operation.html"
    fragment_name = "cluster/operation_state.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        query = Operation.objects.select_related("node").prefetch_related("steps")
        operation = get_object_or_404(query, pk=self.kwargs["operation_id"])
        return super().get_context_data(
            operation=operation,
            identity=current(),
            has_moved=current().handed_over is not None,
            is_retryable=operations.is_retryable(operation),
            ask_again=self._ask_again(operation),
            **context,
        )

    def _ask_again(self, operation: Operation) -> str:
        ended_badly = operation.state in (Operation.State.FAILED, Operation.State.CANCELLED)
        return ASK_AGAIN.get(Operation.Kind(operation.kind), "") if ended_badly else ""


class CancelOperation(View):
    """Asks for what was done to be undone."""

    def post(self, request: HttpRequest, **captured: Any) -> HttpResponse:
        operation = get_object_or_404(Operation, pk=captured["operation_id"])
        try:
            operations.cancel(operation, actor=actor_from(request))
        except DomainError as error:
            messages.error(request, error.shown)
        return redirect("operation", operation.pk)


class RetryOperation(View):
    """Starts an operation again, as a new one."""

    def post(self, request: HttpRequest, **captured: Any) -> HttpResponse:
        operation = get_object_or_404(Operation, pk=captured["operation_id"])
        try:
            operation = operations.retry(operation, actor=actor_from(request))
        except DomainError as error:
            messages.error(request, error.shown)
        return redirect("operation", operation.pk)
