"""``/api/v1/applications/``: what runs on which node."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets

from config.api.pagination import CursorPages
from nodes.models import Application


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    class Meta:
        model = Application
        fields = [
            "id",
            "node",
            "engine",
            "name",
            "image",
            "state",
            "ports",
            "labels",
            "role",
            "domain",
            "reported_at",
        ]
        read_only_fields = fields

    ports = serializers.ListField(child=serializers.CharField(), read_only=True)
    labels = serializers.DictField(child=serializers.CharField(), read_only=True)


class ApplicationFilter(filters.FilterSet):  # type: ignore[misc]  # untyped base
    class Meta:
        model = Application
        fields = ["node", "engine", "role", "domain", "state"]


class ApplicationPages(CursorPages):
    ordering = "id"


@extend_schema_view(
    list=extend_schema(description="Applications, as their nodes said last."),
    retrieve=extend_schema(description="One application."),
)
class ApplicationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Application]
):
    """Applications."""

    queryset = Application.objects.listed()
    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilter
    pagination_class = ApplicationPages
    lookup_value_regex = r"\d+"
