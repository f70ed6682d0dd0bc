"""``/api/v1/applications/``: what runs on which node, and installing, changing, removing it."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import actor_from
from cluster.api.operations import AcceptedSerializer, accepted
from cluster.applications.standing import standing_of
from cluster.services import applications
from cluster.services.application_logs import Logs, read_logs
from cluster.services.application_wishes import (
    ChangeSerializer,
    InstallSerializer,
    changed_wish,
    wish_from,
)
from config.api.pagination import CursorPages
from nodes.models import Application
from nodes.services.nodes import find_node


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
            "managed",
            "reported_at",
        ]
        read_only_fields = fields

    ports = serializers.ListField(child=serializers.CharField(), read_only=True)
    labels = serializers.DictField(child=serializers.CharField(), read_only=True)


class InstalledSerializer(serializers.Serializer[Any]):
    """What it shall be; secrets by name only."""

    template = serializers.CharField()
    parameters = serializers.DictField()
    definition = serializers.DictField()
    wanted = serializers.CharField()
    revision = serializers.IntegerField()


class ApplicationDetailSerializer(ApplicationSerializer):
    """With what was asked for, where it was installed from here, and how it is."""

    installed = serializers.SerializerMethodField()
    health = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()

    class Meta(ApplicationSerializer.Meta):
        fields = [*ApplicationSerializer.Meta.fields, "installed", "health", "detail"]
        read_only_fields = fields

    @extend_schema_field(InstalledSerializer(allow_null=True))
    def get_installed(self, application: Application) -> Any:
        if not application.managed:
            return None
        return InstalledSerializer(applications.find_installed(application)).data

    def get_health(self, application: Application) -> str:
        return standing_of(application).health

    def get_detail(self, application: Application) -> str:
        return standing_of(application).detail


class RemoveSerializer(serializers.Serializer[Any]):
    """The application's own name; it has to be given to wipe what was stored."""

    confirmation = serializers.CharField(
        max_length=40, required=False, default="", allow_blank=True, trim_whitespace=False
    )
    wipe_volumes = serializers.BooleanField(default=False)


class LogsSerializer(serializers.Serializer[Logs]):
    lines = serializers.ListField(child=serializers.CharField())
    usage = serializers.DictField(child=serializers.IntegerField())


class LogsQuery(serializers.Serializer[Any]):
    lines = serializers.IntegerField(min_value=1, max_value=500, default=100)


class ApplicationFilter(filters.FilterSet):  # type: ignore[misc]  # untyped base
    class Meta:
        model = Application
        fields = ["node", "engine", "name", "role", "domain", "state", "managed"]


class ApplicationPages(CursorPages):
    ordering = "id"


@extend_schema_view(
    list=extend_schema(description="Applications, as their nodes said last."),
    retrieve=extend_schema(description="One application.", responses=ApplicationDetailSerializer),
)
class ApplicationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Application]
):
    """Applications."""

    queryset = Application.objects.listed().select_related("node__contact")
    serializer_class = ApplicationSerializer
    filterset_class = ApplicationFilter
    pagination_class = ApplicationPages
    lookup_value_regex = r"\d{1,18}"
    asks_for_proof = ("DELETE",)

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Application]]:
        is_one = self.action == "retrieve"
        return ApplicationDetailSerializer if is_one else ApplicationSerializer

    @extend_schema(request=InstallSerializer, responses={202: AcceptedSerializer})
    def create(self, request: Request) -> Response:
        """Install an application on a node."""
        wanted = InstallSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        wish = wish_from(values, name=values["name"])
        node = find_node(values["node"])
        return accepted(applications.request_install(node, actor=actor_from(request), wish=wish))

    @extend_schema(request=ChangeSerializer, responses={202: AcceptedSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what it is, or start, stop or restart it; what is not given stays."""
        installed = applications.find_installed(self.get_object())
        wanted = ChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values, actor = wanted.validated_data, actor_from(request)
        if "state" in values:
            action = values["state"]
            return accepted(applications.request_state(installed, actor=actor, action=action))
        wish = changed_wish(values, installed)
        return accepted(applications.request_change(installed, actor=actor, wish=wish))

    @extend_schema(request=RemoveSerializer, responses={202: AcceptedSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """Remove it from its node; what it has stored stays there unless it is wiped."""
        installed = applications.find_installed(self.get_object())
        wanted = RemoveSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        operation = applications.request_uninstall(
            installed,
            actor=actor_from(request),
            confirmation=values["confirmation"],
            wipe=values["wipe_volumes"],
        )
        return accepted(operation)

    @extend_schema(parameters=[LogsQuery], responses=LogsSerializer)
    @action(detail=True, methods=["get"])
    def logs(self, request: Request, pk: str) -> Response:
        """The last lines that it wrote, and what it uses."""
        installed = applications.find_installed(self.get_object())
        query = LogsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(LogsSerializer(read_logs(installed, **query.validated_data)).data)
