"""``/api/v1/nodes/{id}/removal/``: what a removal would take, and asking for it (S15 to S20)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.api.operations import AcceptedSerializer, accepted
from cluster.services.removal import preview_removal, request_removal
from nodes.models import Application
from nodes.services.nodes import find_node


class RemovalApplicationSerializer(serializers.ModelSerializer[Application]):
    class Meta:
        model = Application
        fields = ["engine", "name", "image", "state", "role", "domain"]
        read_only_fields = fields


class RemovalPreviewSerializer(serializers.Serializer[Any]):
    """The digest goes back with the confirmation: it says which list was confirmed."""

    applications = RemovalApplicationSerializer(many=True)
    providers = RemovalApplicationSerializer(many=True)
    reachable = serializers.BooleanField()
    digest = serializers.CharField()


class RemovalSerializer(serializers.Serializer[Any]):
    confirmation = serializers.CharField(max_length=32, trim_whitespace=False)
    digest = serializers.CharField(max_length=64)
    force = serializers.BooleanField(default=False)


class RemovalView(APIView):
    """Removing a worker from the cluster."""

    asks_for_proof = ("POST",)

    @extend_schema(operation_id="node_removal_preview", responses=RemovalPreviewSerializer)
    def get(self, request: Request, node_id: int) -> Response:
        """What runs on the node; all of it keeps running there, and nobody reaches it any more."""
        preview = preview_removal(find_node(node_id))
        return Response(RemovalPreviewSerializer(preview).data)

    @extend_schema(
        operation_id="node_removal",
        request=RemovalSerializer,
        responses={202: AcceptedSerializer},
    )
    def post(self, request: Request, node_id: int) -> Response:
        """Remove the node, confirmed by its name (``node3``) and the preview's digest."""
        wanted = RemovalSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        node, values = find_node(node_id), wanted.validated_data
        return accepted(request_removal(node, actor=actor_from(request), **values))
