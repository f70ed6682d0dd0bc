"""``audit/events/`` and ``audit/actions/``."""

from typing import Any

from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.actions import AuditAction
from audit.api.pages import EventPages
from audit.filters import EventFilter
from audit.models import AuditEvent
from audit.search.question import Question

PAGING = frozenset({"cursor", "page_size", "format"})


class TargetSerializer(serializers.Serializer[AuditEvent]):
    kind = serializers.CharField(source="target_kind")
    id = serializers.CharField(source="target_id")
    label = serializers.CharField(source="target_label")  # type: ignore[assignment]  # API's name
    node = serializers.IntegerField(allow_null=True)


class EventSerializer(serializers.ModelSerializer[AuditEvent]):
    sentence = serializers.CharField(read_only=True)
    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # API's name
    target = serializers.SerializerMethodField()
    details = serializers.DictField(read_only=True)

    class Meta:
        model = AuditEvent
        fields = (
            "id",
            "term",
            "time",
            "user",
            "user_kind",
            "verified",
            "action",
            "sentence",
            "target",
            "source",
            "user_agent",
            "interface",
            "outcome",
            "details",
            "request_id",
            "operation",
            "hash",
        )
        read_only_fields = fields

    @extend_schema_field(TargetSerializer(allow_null=True))
    def get_target(self, event: AuditEvent) -> dict[str, Any] | None:
        """What was acted on, where there is such a thing."""
        return dict(TargetSerializer(event).data) if event.target_kind else None

    def get_source(self, event: AuditEvent) -> str | None:
        """Address that the request came from."""
        return event.source or None


class EventsView(ListAPIView[AuditEvent]):
    """The audit trail, newest first (S55, S57)."""

    queryset = AuditEvent.objects.none()
    serializer_class = EventSerializer
    pagination_class = EventPages
    filterset_class = EventFilter

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Events that fit every filter that is given.

        An answer comes within half a second. While fewer than a page were found and older events
        were not looked at yet, `searched_back_to` says how far the search has come, and `next` goes
        on from there.
        """
        pages = EventPages()
        found = pages.paginate(asked(request, PAGING), request)
        return pages.get_paginated_response(self.get_serializer(found.events, many=True).data)


def asked(request: Request, others: frozenset[str]) -> Question:
    """What the filters of ``request`` ask for; raises ValidationError with the field."""
    _refuse_unknown_parameters(request, others)
    question = EventFilter(request.query_params)
    if not question.is_valid():
        raise translate_validation(question.errors)
    return question.question


def _refuse_unknown_parameters(request: Request, others: frozenset[str]) -> None:
    """A filter that is misspelt must not show everything."""
    unknown = set(request.query_params) - set(EventFilter.base_filters) - others
    if unknown:
        message = ["There is no such filter."]
        raise ValidationError(dict.fromkeys(sorted(unknown), message), code="unknown_filter")


class ActionSerializer(serializers.Serializer[dict[str, str]]):
    action = serializers.CharField()
    sentence = serializers.CharField()


class ActionPageSerializer(serializers.Serializer[dict[str, object]]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ActionSerializer(many=True)


class ActionsView(APIView):
    """The registry of actions."""

    @extend_schema(operation_id="audit_actions_list", responses=ActionPageSerializer)
    def get(self, request: Request) -> Response:
        """Every action that can occur, with its sentence, on one page."""
        actions = [{"action": each.value, "sentence": each.label} for each in AuditAction]
        return Response({"next": None, "previous": None, "results": actions})
