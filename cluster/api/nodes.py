"""``/api/v1/nodes/``: the fleet."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import actor_from
from cluster.services.health import find_warnings
from cluster.services.naming import change_fqdn
from config.api.pagination import CursorPages
from nodes.models import Contact, Node
from nodes.services.nodes import change_node, find_node


class NodeSerializer(serializers.ModelSerializer[Node]):
    """The shape of design section 5."""

    status = serializers.ChoiceField(choices=Node.Status.choices, read_only=True)
    last_contact = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Node
        fields = [
            "id",
            "label",
            "fqdn",
            "role",
            "status",
            "vpn_address",
            "endpoint",
            "eligible",
            "last_contact",
            "version",
            "distribution",
        ]
        read_only_fields = fields


class WarningSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class VpnSerializer(serializers.Serializer[Contact]):
    """How the node reaches the leader, and what of the state it has."""

    path = serializers.ChoiceField(choices=Contact.Path.choices, allow_blank=True)
    source = serializers.IPAddressField(allow_null=True)  # type: ignore[assignment]  # its name
    generation = serializers.IntegerField()
    applied_generation = serializers.IntegerField()


class NodeDetailSerializer(NodeSerializer):
    """With what the node reports of itself."""

    facts = serializers.DictField(source="contact.facts", read_only=True)
    health = serializers.DictField(source="contact.health", read_only=True)
    vpn = VpnSerializer(source="contact", read_only=True)
    warnings = serializers.SerializerMethodField()

    class Meta(NodeSerializer.Meta):
        fields = [
            *NodeSerializer.Meta.fields,
            "console_url",
            "wireguard_key",
            "tls_fingerprint",
            "joined_at",
            "facts",
            "health",
            "vpn",
            "warnings",
        ]
        read_only_fields = fields

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, node: Node) -> list[dict[str, str]]:
        return [warning.as_json() for warning in find_warnings(node)]


class NodeChangeSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(  # type: ignore[assignment]  # its name
        max_length=64, allow_blank=True, required=False
    )
    eligible = serializers.BooleanField(required=False)
    endpoint = serializers.CharField(max_length=300, trim_whitespace=False, required=False)


class NameSerializer(serializers.Serializer[Any]):
    fqdn = serializers.CharField(max_length=300, trim_whitespace=False)


class NodeFilter(filters.FilterSet):  # type: ignore[misc]  # untyped base
    class Meta:
        model = Node
        fields = ["role", "state", "fqdn"]


class NodePages(CursorPages):
    ordering = "id"


class NodeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Node]):
    """Nodes by number, without those that were removed."""

    queryset = Node.objects.members().select_related("contact")
    filterset_class = NodeFilter
    pagination_class = NodePages
    lookup_value_regex = r"\d+"

    def get_object(self) -> Node:
        return find_node(int(self.kwargs["pk"]))

    def get_serializer_class(self) -> type[NodeSerializer]:
        return NodeSerializer if self.action == "list" else NodeDetailSerializer

    @extend_schema(request=NodeChangeSerializer, responses=NodeDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what people call the node, where its VPN is reached, or whether it may lead."""
        changes = NodeChangeSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        node = change_node(self.get_object(), actor=actor_from(request), **changes.validated_data)
        return Response(NodeDetailSerializer(node).data)

    @extend_schema(request=NameSerializer, responses=NodeDetailSerializer)
    @action(detail=True, methods=["post"])
    def fqdn(self, request: Request, pk: str) -> Response:
        """Give the node another name; the leader's only if every online worker finds it there."""
        wanted = NameSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        node = change_fqdn(
            self.get_object(), actor=actor_from(request), fqdn=wanted.validated_data["fqdn"]
        )
        return Response(NodeDetailSerializer(node).data)
