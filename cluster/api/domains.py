"""``/api/v1/domains/``: domains of accounts, and the nodes that provide them (S16)."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.api.applications import ApplicationPages, ApplicationSerializer
from cluster.api.operations import AcceptedSerializer, accepted
from cluster.models import Domain
from cluster.services import directory_standing, domains, providers
from cluster.services.domain_list import find_providers, find_row, list_rows
from config.api.pagination import CursorPages
from nodes.agent.directory import LONGEST_AUTHORITY
from nodes.errors import DomainNotFound
from nodes.models import Application, ApplicationQuerySet
from nodes.services.nodes import find_node

KINDS = [*Domain.Kind.values, "found"]


class DomainSerializer(serializers.Serializer[Any]):
    """A domain, how many replicas provide its accounts, and on which nodes.

    ``kind``: ``provided`` by nodes, ``external`` for directories elsewhere, or ``found``: nodes
    run replicas of it that were not added here, and nothing more is known.
    """

    name = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    providers = serializers.IntegerField()
    nodes = serializers.ListField(child=serializers.IntegerField())
    urls = serializers.ListField(child=serializers.CharField())
    base_dn = serializers.CharField()
    bind_dn = serializers.CharField()
    verify_tls = serializers.BooleanField()
    start_tls = serializers.BooleanField()
    ca = serializers.CharField()


class NewDomainSerializer(serializers.Serializer[Any]):
    """``provided`` needs a name only; ``external`` needs ``urls`` and ``base_dn``, too."""

    name = serializers.CharField(max_length=253)
    kind = serializers.ChoiceField(Domain.Kind.values, default=Domain.Kind.PROVIDED.value)
    port = serializers.IntegerField(min_value=1, max_value=65535, required=False)
    urls = serializers.ListField(
        child=serializers.CharField(max_length=300), max_length=5, required=False
    )
    base_dn = serializers.CharField(max_length=255, required=False)
    bind_dn = serializers.CharField(max_length=255, required=False, allow_blank=True)
    password = serializers.CharField(
        max_length=1024, required=False, allow_blank=True, trim_whitespace=False, write_only=True
    )
    verify_tls = serializers.BooleanField(default=True)
    start_tls = serializers.BooleanField(default=False)
    ca = serializers.CharField(max_length=LONGEST_AUTHORITY, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        outside = {"urls", "base_dn", "bind_dn", "password", "ca"} & set(attrs)
        if attrs["kind"] == Domain.Kind.PROVIDED and outside:
            raise serializers.ValidationError({min(outside): "Only of an external domain."})
        if attrs["kind"] == Domain.Kind.EXTERNAL:
            missing = {"urls", "base_dn"} - set(attrs)
            if missing:
                raise serializers.ValidationError({min(missing): "An external domain needs it."})
            if "port" in attrs:
                raise serializers.ValidationError({"port": "It is a part of the URL."})
        return attrs


class ConfirmationSerializer(serializers.Serializer[Any]):
    """The domain's name; of a provider only for the last one."""

    confirmation = serializers.CharField(
        max_length=253, required=False, default="", allow_blank=True, trim_whitespace=False
    )


class NewProviderSerializer(serializers.Serializer[Any]):
    node = serializers.IntegerField(min_value=1)


class BindPasswordSerializer(serializers.Serializer[Any]):
    bind_dn = serializers.CharField()
    password = serializers.CharField()


class BindLoginSerializer(serializers.Serializer[Any]):
    """Of an external domain; of a provided one there is nothing to say."""

    bind_dn = serializers.CharField(max_length=255, required=False, allow_blank=True)
    password = serializers.CharField(
        max_length=1024, required=False, allow_blank=True, trim_whitespace=False, write_only=True
    )


class SightSerializer(serializers.Serializer[Any]):
    """One directory as one node sees it."""

    node = serializers.IntegerField(source="node.pk")
    url = serializers.CharField()
    state = serializers.ChoiceField(["in_step", "behind", "unreachable"])
    failed = serializers.CharField()
    detail = serializers.CharField()


class DomainStandingSerializer(serializers.Serializer[Any]):
    directories = SightSerializer(many=True)


class DomainPages(CursorPages):
    """Over a list by name."""

    following: str | None = None

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        self.base_url, cursor = request.build_absolute_uri(), self.decode_cursor(request)
        after = str(cursor.position or "") if cursor else ""
        rest = [row for row in queryset if row.name > after]
        size = self.get_page_size(request) or len(rest)
        if len(rest) > size:
            self.following = self.encode_cursor(Cursor(0, False, rest[size - 1].name))
        return rest[:size]

    def get_next_link(self) -> str | None:
        return self.following

    def get_previous_link(self) -> str | None:
        return None


@extend_schema_view(get=extend_schema(operation_id="domains_list"))
class DomainListView(generics.ListAPIView[Any]):
    """Domains by name."""

    serializer_class = DomainSerializer
    pagination_class = DomainPages
    filter_backends: Any = ()

    def get_queryset(self) -> Any:
        return list_rows()

    @extend_schema(
        operation_id="domains_create",
        request=NewDomainSerializer,
        responses={201: DomainSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a domain that nodes will provide, or register one that is provided elsewhere."""
        wanted = NewDomainSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        domain = _make(wanted.validated_data, request)
        made = DomainSerializer(find_row(domain.name)).data
        return Response(made, status=status.HTTP_201_CREATED)


class DomainView(APIView):
    """One domain."""

    asks_for_proof = ("DELETE",)

    @extend_schema(operation_id="domains_retrieve", responses=DomainSerializer)
    def get(self, request: Request, name: str) -> Response:
        """What applications need to use it, but for the password."""
        return Response(DomainSerializer(find_row(name)).data)

    @extend_schema(
        operation_id="domains_destroy", request=ConfirmationSerializer, responses={204: None}
    )
    def delete(self, request: Request, name: str) -> Response:
        """Forget a domain that no node provides any more; its name is the confirmation."""
        domain = domains.find_domain(name)
        confirmation = _confirmation(request)
        domains.remove_domain(domain, actor=actor_from(request), confirmation=confirmation)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DomainPasswordView(APIView):
    """The bind DN's password."""

    asks_for_proof = ("POST", "PUT")

    @extend_schema(operation_id="domains_password", request=None, responses=BindPasswordSerializer)
    def post(self, request: Request, name: str) -> Response:
        """Show it; the audit trail says so."""
        domain = domains.find_domain(name)
        password = domains.reveal_password(domain, actor=actor_from(request))
        shown = {"bind_dn": domain.bind_dn, "password": password}
        return Response(BindPasswordSerializer(shown).data)

    @extend_schema(
        operation_id="domains_password_change",
        request=BindLoginSerializer,
        responses=DomainSerializer,
    )
    def put(self, request: Request, name: str) -> Response:
        """Draw a new one for the providers; or say what a directory elsewhere accepts now."""
        wanted = BindLoginSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        domain = domains.find_domain(name)
        domains.change_password(domain, actor=actor_from(request), **wanted.validated_data)
        return Response(DomainSerializer(find_row(domain.name)).data)


class DomainStandingView(APIView):
    """Whether the directories answer, and are in step."""

    @extend_schema(operation_id="domains_standing", responses=DomainStandingSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Ask the nodes now: each its own provider, or every one for directories elsewhere."""
        sights = directory_standing.look(domains.find_domain(name))
        return Response(DomainStandingSerializer({"directories": sights}).data)


@extend_schema_view(get=extend_schema(operation_id="domains_providers_list"))
class ProviderListView(generics.ListAPIView[Application]):
    """The replicas that provide a domain's accounts."""

    serializer_class = ApplicationSerializer
    pagination_class = ApplicationPages
    filter_backends: Any = ()

    def get_queryset(self) -> ApplicationQuerySet:
        name = self.kwargs["name"].lower()
        found = find_providers().filter(domain=name)
        if not found.exists() and not Domain.objects.filter(name=name).exists():
            raise DomainNotFound(domain=name)
        return found

    @extend_schema(
        operation_id="domains_providers_create",
        request=NewProviderSerializer,
        responses={202: AcceptedSerializer},
    )
    def post(self, request: Request, name: str) -> Response:
        """Add a provider on a node; it copies what the others have."""
        domain = domains.find_domain(name)
        wanted = NewProviderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        node = find_node(wanted.validated_data["node"])
        return accepted(providers.request_provider(domain, node, actor=actor_from(request)))


class ProviderView(APIView):
    """One provider that was added here."""

    asks_for_proof = ("DELETE",)

    @extend_schema(
        operation_id="domains_providers_destroy",
        request=ConfirmationSerializer,
        responses={202: AcceptedSerializer},
    )
    def delete(self, request: Request, name: str, node_id: int) -> Response:
        """Remove it with its copy of the entries; the others forget it."""
        domain = domains.find_domain(name)
        operation = providers.request_provider_removal(
            domain, node_id, actor=actor_from(request), confirmation=_confirmation(request)
        )
        return accepted(operation)


def _make(values: dict[str, Any], request: Request) -> Domain:
    actor = actor_from(request)
    if values["kind"] == Domain.Kind.PROVIDED:
        return domains.create_domain(values["name"], actor=actor, port=values.get("port"))
    directory = domains.Directory(
        urls=values["urls"],
        base_dn=values["base_dn"],
        bind_dn=values.get("bind_dn", ""),
        password=values.get("password", ""),
        verify_tls=values["verify_tls"],
        start_tls=values["start_tls"],
        ca=values.get("ca", ""),
    )
    return domains.register_domain(values["name"], actor=actor, directory=directory)


def _confirmation(request: Request) -> str:
    given = ConfirmationSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["confirmation"])
