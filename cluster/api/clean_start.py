"""``/api/v1/cluster/clean-start/``: on a machine that was removed."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.api.cluster import ClusterSerializer, describe
from cluster.services.clean_start import clean_start
from cluster.services.queries import get_cluster


class CleanStartView(APIView):
    """Starting anew after a removal."""

    @extend_schema(operation_id="cluster_clean_start", request=None, responses=ClusterSerializer)
    def post(self, request: Request) -> Response:
        """Forget the cluster and get new keys; the machine can then create or join one."""
        clean_start(actor=actor_from(request))
        return Response(describe(get_cluster()))
