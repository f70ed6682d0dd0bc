"""``/api/v1/nodes/{id}/promotion/``: looking before a promotion."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cluster.services import preflight
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


class PromotionView(APIView):
    """The promotion of one node."""

    @extend_schema(operation_id="nodes_promotion_check", responses=PreflightSerializer)
    def get(self, request: Request, number: int) -> Response:
        """Have every node look whether this one could lead; takes some seconds."""
        return Response(PreflightSerializer(preflight.check(find_node(number))).data)
