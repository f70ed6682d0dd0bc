"""``/api/v1/follow-ups/``: what is still to be done by people."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import actor_from
from cluster.models import FollowUp
from cluster.models.follow_up import FollowUpQuerySet
from cluster.services.follow_ups import find_follow_up, settle
from config.api.pagination import CursorPages


class FollowUpSerializer(serializers.ModelSerializer[FollowUp]):
    class Meta:
        model = FollowUp
        fields = [
            "id",
            "kind",
            "subject",
            "detail",
            "link",
            "node",
            "created_at",
            "settled_at",
            "settled_by",
        ]
        read_only_fields = fields


class SettlingSerializer(serializers.Serializer[Any]):
    settled = serializers.BooleanField()

    def validate_settled(self, settled: bool) -> bool:
        if not settled:
            raise serializers.ValidationError("What is settled stays settled.")
        return settled


class FollowUpFilter(filters.FilterSet):  # type: ignore[misc]  # untyped base
    settled = filters.BooleanFilter(method="filter_settled")

    class Meta:
        model = FollowUp
        fields = ["kind", "node"]

    def filter_settled(
        self, queryset: FollowUpQuerySet, name: str, settled: bool
    ) -> FollowUpQuerySet:
        return queryset.filter(settled_at__isnull=not settled)


class FollowUpPages(CursorPages):
    ordering = "-id"


class FollowUpViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[FollowUp]):
    """Follow-ups, newest first; also those that are settled."""

    queryset = FollowUp.objects.all()
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilter
    pagination_class = FollowUpPages
    lookup_value_regex = r"\d+"

    @extend_schema(request=SettlingSerializer, responses=FollowUpSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say that it is done."""
        wanted = SettlingSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        follow_up = settle(find_follow_up(int(pk)), actor=actor_from(request))
        return Response(FollowUpSerializer(follow_up).data)
