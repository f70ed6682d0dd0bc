"""``/api/v1/cluster/follow/`` and ``reassert/``: what people decide on a leader that came back."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.api.cluster import ClusterSerializer, describe
from cluster.services import reasserting, switching
from cluster.services.queries import get_cluster


class FollowSerializer(serializers.Serializer[Any]):
    """Without a number: the node that is known to lead."""

    node = serializers.IntegerField(min_value=1, required=False)


class FollowView(APIView):
    """Following the new leader."""

    asks_for_proof = ("POST",)

    @extend_schema(
        operation_id="cluster_follow", request=FollowSerializer, responses=ClusterSerializer
    )
    def post(self, request: Request) -> Response:
        """On a deposed leader, or one in doubt: become a worker of the leader that took over."""
        wanted = FollowSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        node = wanted.validated_data.get("node") or switching.find_claimant()
        switching.follow(actor=actor_from(request), node_id=node)
        return Response(describe(get_cluster()))


class ReassertView(APIView):
    """Staying the leader."""

    asks_for_proof = ("POST",)

    @extend_schema(operation_id="cluster_reassert", request=None, responses=ClusterSerializer)
    def post(self, request: Request) -> Response:
        """On a leader in doubt: go on leading, with a term above the other's."""
        reasserting.reassert(actor=actor_from(request))
        return Response(describe(get_cluster()))
