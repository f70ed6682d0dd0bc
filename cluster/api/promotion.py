"""``/api/v1/nodes/{id}/promotion/``: looking, and leaping."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.api.operations import AcceptedSerializer, accepted
from cluster.services import preflight
from cluster.services.promotion import request_promotion
from nodes.services.nodes import find_node


class CheckSerializer(serializers.Serializer[preflight.Check]):
    """One result; of a warning ``ok`` is true, and the sentence begins with the word."""

    kind = serializers.ChoiceField(choices=[(str(kind), str(kind)) for kind in preflight.Kind])
    ok = serializers.BooleanField()
    detail = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.CharField(source="origin"), **super().get_fields()}


class PreflightSerializer(serializers.Serializer[preflight.Preflight]):
    ok = serializers.BooleanField()
    checks = CheckSerializer(many=True)


class PromoteSerializer(serializers.Serializer[Any]):
    """``confirmation`` is the word ``node`` with the node's number, such as ``node3``."""

    confirmation = serializers.CharField(max_length=64)
    vpn_address = serializers.CharField(max_length=260)
    vpn_port = serializers.IntegerField()
    check_connectivity = serializers.BooleanField(default=True)
    audit_export = serializers.BooleanField(
        default=False, help_text="Take a sealed export of the audit trail along."
    )


class PromotionView(APIView):
    """The promotion of one node."""

    asks_for_proof = ("POST",)

    @extend_schema(operation_id="nodes_promotion_check", responses=PreflightSerializer)
    def get(self, request: Request, number: int) -> Response:
        """Have every node look whether this one could lead; takes some seconds."""
        return Response(PreflightSerializer(preflight.check(find_node(number))).data)

    @extend_schema(
        operation_id="nodes_promotion_request",
        request=PromoteSerializer,
        responses={202: AcceptedSerializer},
    )
    def post(self, request: Request, number: int) -> Response:
        """Make the node the leader; the same look comes first, unless it is declined."""
        wanted = PromoteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        node = find_node(number)
        return accepted(request_promotion(node, actor=actor_from(request), **wanted.validated_data))
