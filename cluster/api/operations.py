"""``/api/v1/operations/``: following, cancelling and repeating what takes longer than a request."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import actor_from
from cluster.filters import OperationFilter
from cluster.models import Operation, OperationStep
from cluster.services import operations
from config.api.pagination import CursorPages


class StepSerializer(serializers.ModelSerializer[OperationStep]):
    class Meta:
        model = OperationStep
        fields = ["name", "state", "started_at", "ended_at", "detail"]
        read_only_fields = fields


class OperationErrorSerializer(serializers.Serializer[dict[str, str]]):
    code = serializers.CharField()
    detail = serializers.CharField()


class OperationSerializer(serializers.ModelSerializer[Operation]):
    """The shape of design section 5, wherever an operation is answered."""

    steps = StepSerializer(many=True, read_only=True)
    error = serializers.SerializerMethodField()
    actor = serializers.CharField(source="actor.name", read_only=True)
    cancellable = serializers.BooleanField(read_only=True)
    retryable = serializers.SerializerMethodField()

    class Meta:
        model = Operation
        fields = [
            "id",
            "kind",
            "state",
            "progress",
            "steps",
            "error",
            "node",
            "actor",
            "created_at",
            "ended_at",
            "cancellable",
            "retryable",
        ]
        read_only_fields = fields

    @extend_schema_field(OperationErrorSerializer(allow_null=True))
    def get_error(self, operation: Operation) -> dict[str, str] | None:
        if not operation.error_code:
            return None
        return {"code": operation.error_code, "detail": operation.error_detail}

    def get_retryable(self, operation: Operation) -> bool:
        """As the query says; an operation that was just accepted is not."""
        return bool(getattr(operation, "retryable", False))


class AcceptedSerializer(serializers.Serializer[Any]):
    """What every 202 answers, some with more beside it."""

    operation = OperationSerializer()


class OperationPages(CursorPages):
    ordering = "-created_at"


class OperationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Operation]
):
    """Operations, newest first."""

    queryset = Operation.objects.all()
    serializer_class = OperationSerializer
    filterset_class = OperationFilter
    pagination_class = OperationPages

    def get_queryset(self) -> QuerySet[Operation]:
        retryable = operations.retryable_operations().filter(pk=OuterRef("pk"))
        return Operation.objects.annotate(retryable=Exists(retryable)).prefetch_related("steps")

    @extend_schema(request=None, responses={202: AcceptedSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Ask for it to be undone; refused past its point of no return."""
        operation = operations.cancel(self.get_object(), actor=actor_from(request))
        return accepted(operation)

    @extend_schema(request=None, responses={202: AcceptedSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Start a failed or cancelled operation again, as a new one."""
        return accepted(operations.retry(self.get_object(), actor=actor_from(request)))


def accepted(operation: Operation, **extra: Any) -> Response:
    """202 with ``{operation, **extra}``, and in ``Location`` where to follow it."""
    body = {"operation": OperationSerializer(operation).data, **extra}
    location = reverse("operation-detail", kwargs={"pk": operation.pk})
    return Response(body, status=202, headers={"Location": location})
