"""``/api/v1/logs/``: what all nodes have said."""

from typing import Any

from django.http import StreamingHttpResponse
from django_filters.utils import translate_validation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.logs.cursor import NoCursor
from cluster.logs.form import NOT_ASKED, LogFilter
from cluster.logs.question import Question
from cluster.logs.record import SEVERITIES
from cluster.logs.search import MOST, Findings, find
from cluster.services.logs import describe, describe_damaged, download_logs
from config.api.pagination import UnknownCursor

PAGE = 50
PARAMETERS: list[Any] = [
    OpenApiParameter("node", int, description="Number of a node."),
    OpenApiParameter("application", str),
    OpenApiParameter("unit", str, description="A systemd unit, such as ssh.service."),
    OpenApiParameter("program", str),
    OpenApiParameter("severity", str, enum=list(SEVERITIES), description="The least severe."),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="A time or a day."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="A time or a day."),
    OpenApiParameter("q", str, description="Text in the message, in upper or lower case."),
]


class LogRecordSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    node = serializers.IntegerField(help_text="By the address that it came from.")
    received = serializers.DateTimeField()
    reported = serializers.CharField(help_text="The node's own time.")
    severity = serializers.ChoiceField(choices=SEVERITIES)
    facility = serializers.CharField()
    program = serializers.CharField()
    unit = serializers.CharField()
    application = serializers.CharField()
    message = serializers.CharField()


class DamagedLogSerializer(serializers.Serializer[Any]):
    node = serializers.IntegerField()
    day = serializers.DateField(help_text="By the leader's clock, in UTC.")


class LogPageSerializer(serializers.Serializer[Any]):
    cursor = serializers.CharField(allow_null=True, help_text="Give it to go on from here.")
    searched_back_to = serializers.DateTimeField(allow_null=True)
    damaged = DamagedLogSerializer(
        many=True, help_text="Files of which something, or all, could not be read."
    )
    results = LogRecordSerializer(many=True)


class LogsView(APIView):
    """Lines of all nodes, newest first."""

    @extend_schema(
        operation_id="logs",
        parameters=[*PARAMETERS, OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=LogPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """What fits every filter that is given.

        An answer comes within about a second: `searched_back_to` says how far the search has come
        until then, and `cursor` goes on from there.
        """
        question, cursor = _asked(request), request.query_params.get("cursor", "")
        try:
            found = find(question, limit=_limit(request), cursor=cursor)
        except NoCursor:
            raise UnknownCursor from None
        return Response(_page(found))


class LogFileView(APIView):
    """The same as a file."""

    @extend_schema(
        operation_id="logs_download",
        parameters=PARAMETERS,
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Everything that fits, a line of JSON each, newest first; that is recorded."""
        return as_file(download_logs(_asked(request), actor=actor_from(request)))


def as_file(chunks: Any) -> StreamingHttpResponse:
    """To be saved, never shown."""
    headers = {
        "Content-Disposition": 'attachment; filename="logs.jsonl"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(chunks, content_type="application/x-ndjson", headers=headers)


def _page(found: Findings) -> dict[str, Any]:
    moment = found.searched_back_to
    return {
        "cursor": found.cursor,
        "searched_back_to": moment and moment.isoformat(),
        "damaged": describe_damaged(found.damaged),
        "results": [describe(record) for record in found.records],
    }


def _asked(request: Request) -> Question:
    unknown = set(request.query_params) - set(LogFilter.base_fields) - NOT_ASKED
    if unknown:
        message = ["There is no such filter."]
        raise ValidationError(dict.fromkeys(sorted(unknown), message), code="unknown_filter")
    form = LogFilter(request.query_params)
    if not form.is_valid():
        raise translate_validation(form.errors)
    return form.question


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(PAGE))
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= MOST):
        raise ValidationError({"limit": [f"Give a number from 1 to {MOST}."]}, code="invalid")
    return int(given)
