"""``audit/events/export/``."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from audit.api.events import asked
from audit.export.service import Export, ExportFormat, export
from audit.filters import EventFilter
from audit.models import AuditEvent
from audit.surroundings import actor_of

FORMAT = "format"


class OneRenderer(DefaultContentNegotiation):
    """``format`` says what is streamed; errors are JSON in any case."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), JSONRenderer.media_type


class ExportView(GenericAPIView[AuditEvent]):
    """The trail as a file."""

    queryset = AuditEvent.objects.none()
    content_negotiation_class = OneRenderer
    filterset_class = EventFilter

    @extend_schema(
        operation_id="audit_events_export",
        parameters=[
            OpenApiParameter(FORMAT, enum=ExportFormat.values, default=ExportFormat.CSV.value),
        ],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-ndjson"): OpenApiTypes.STR,
            (200, "application/zip"): OpenApiTypes.BINARY,
        },
        filters=True,
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every event that fits every filter that is given, oldest first; recorded as an event.

        Each row has what its hash covers, and the hash before it. `sealed` adds a manifest.
        """
        question = asked(request, frozenset({FORMAT}))
        made = export(question, actor=actor_of(request), form=_format(request))
        return _streamed(made)


def _format(request: Request) -> ExportFormat:
    given = request.query_params.get(FORMAT, ExportFormat.CSV.value)
    try:
        return ExportFormat(given)
    except ValueError:
        message = f"Give one of {', '.join(ExportFormat.values)}."
        raise ValidationError({FORMAT: [message]}, code="invalid_choice") from None


def _streamed(made: Export) -> StreamingHttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{made.name}"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(made.chunks, content_type=made.media_type, headers=headers)
