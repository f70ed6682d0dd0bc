"""``audit/retention/`` and ``audit/archives/``."""

from functools import partial

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api.events import PAGING, EventSerializer, asked
from audit.api.pages import EventPages
from audit.archive.browsing import find_imported
from audit.archive.retention import (
    LONGEST_DAYS,
    MOST_MEGABYTES,
    change_retention,
    get_retention,
    measure,
)
from audit.archive.service import request_archiving
from audit.filters import EventFilter
from audit.models import Archive, AuditEvent, ImportedArchive, Retention
from audit.surroundings import actor_of


class RetentionSerializer(serializers.ModelSerializer[Retention]):
    days = serializers.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, allow_null=True, help_text="Older events move."
    )
    megabytes = serializers.IntegerField(
        min_value=1,
        max_value=MOST_MEGABYTES,
        allow_null=True,
        help_text="The oldest events beyond it move.",
    )
    megabytes_now = serializers.SerializerMethodField()

    class Meta:
        model = Retention
        fields = ("days", "megabytes", "megabytes_now")

    def get_megabytes_now(self, _: Retention) -> float:
        """What the events in the database take, about."""
        return round(measure(), 1)


class RetentionView(APIView):
    """How long events stay in the database."""

    asks_for_proof = ("PUT",)

    @extend_schema(operation_id="audit_retention", responses=RetentionSerializer)
    def get(self, request: Request) -> Response:
        """Null is no limit; without any limit every event stays."""
        return Response(RetentionSerializer(get_retention()).data)

    @extend_schema(
        operation_id="audit_retention_change",
        request=RetentionSerializer,
        responses=RetentionSerializer,
    )
    def put(self, request: Request) -> Response:
        """Decide what moves into sealed archives, once a day; nothing is ever thrown away."""
        given = RetentionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changed = change_retention(actor=actor_of(request), **given.validated_data)
        return Response(RetentionSerializer(changed).data)


class ArchiveSerializer(serializers.ModelSerializer[Archive]):
    class Meta:
        model = Archive
        fields = (
            *("id", "name", "first_id", "last_id", "first_time", "last_time"),
            *("last_hash", "sha256", "bytes", "made_at"),
        )


class ImportedArchiveSerializer(serializers.ModelSerializer[ImportedArchive]):
    class Meta:
        model = ImportedArchive
        fields = (
            *("id", "name", "signer", "count", "first_time", "last_time", "digest"),
            "imported_at",
        )


class ArchivesSerializer(serializers.Serializer[object]):
    own = ArchiveSerializer(many=True, help_text="Files with the oldest events of this trail.")
    imported = ImportedArchiveSerializer(many=True, help_text="What can be looked into.")


class ArchivesView(APIView):
    """Sealed files of this trail, and those of others that were imported."""

    asks_for_proof = ("POST",)

    @extend_schema(operation_id="audit_archives", responses=ArchivesSerializer)
    def get(self, request: Request) -> Response:
        """Oldest first, and the last import first."""
        found = {"own": Archive.objects.all(), "imported": ImportedArchive.objects.whole()}
        return Response(ArchivesSerializer(found).data)

    @extend_schema(operation_id="audit_archive_now", request=None, responses={202: None})
    def post(self, request: Request) -> Response:
        """Move now what has stayed long enough, and not at the end of the day."""
        request_archiving(actor=actor_of(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class ArchivedEventsView(ListAPIView[AuditEvent]):
    """An imported archive, newest event first; apart from this trail."""

    queryset = AuditEvent.objects.none()
    serializer_class = EventSerializer
    pagination_class = EventPages
    filterset_class = EventFilter

    @extend_schema(operation_id="audit_archived_events_list")
    def get(self, request: Request, archive_id: int) -> Response:
        """Events that fit every filter that is given."""
        archive, pages = (
            get_object_or_404(ImportedArchive.objects.whole(), pk=archive_id),
            EventPages(),
        )
        question = asked(request, PAGING)
        found = pages.paginate(question, request, finder=partial(find_imported, archive))
        return pages.get_paginated_response(self.get_serializer(found.events, many=True).data)
