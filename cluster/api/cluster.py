"""``/api/v1/cluster/``: what this node's cluster is, creating one, joining one."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.api.operations import AcceptedSerializer, accepted
from cluster.models import Cluster
from cluster.services.creation import request_create
from cluster.services.joining import request_join
from cluster.services.queries import get_cluster
from cluster.services.settings import change_cluster
from nodes import role
from nodes.role import Role

LARGEST_CLUSTER = 32_767
OF_THE_CLUSTER = (
    "label",
    "uuid",
    "vpn_network",
    "max_nodes",
    "term",
    "generation",
    "created_at",
)


class SuccessorSerializer(serializers.Serializer[Any]):
    """Who leads instead of this node."""

    id = serializers.IntegerField()
    fqdn = serializers.CharField()
    console_url = serializers.URLField()
    term = serializers.IntegerField()


class ClaimSerializer(serializers.Serializer[Any]):
    """Who says that another node leads, and which."""

    node = serializers.IntegerField(source="node_id")
    term = serializers.IntegerField()
    leader = serializers.IntegerField()


class RemovedSerializer(serializers.Serializer[Any]):
    """When this node learnt that it was removed, and by which leader."""

    at = serializers.DateTimeField()
    leader = serializers.IntegerField()


class ClusterSerializer(serializers.Serializer[Any]):
    """Before there is a cluster, all but the role is null.

    ``successor`` is of a deposed leader, ``contested`` of one in doubt, ``removed`` of a node that
    was removed.
    """

    role = serializers.ChoiceField(choices=[(str(known), str(known)) for known in role.Role])
    node = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # its name
    uuid = serializers.UUIDField(allow_null=True)
    vpn_network = serializers.CharField(allow_null=True)
    max_nodes = serializers.IntegerField(allow_null=True)
    term = serializers.IntegerField(allow_null=True)
    generation = serializers.IntegerField(allow_null=True)
    leader = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    successor = SuccessorSerializer(allow_null=True)
    contested = ClaimSerializer(many=True)
    removed = RemovedSerializer(allow_null=True)


class ClusterChangeSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(  # type: ignore[assignment]  # its name
        max_length=64, required=False
    )
    max_nodes = serializers.IntegerField(min_value=1, max_value=LARGEST_CLUSTER, required=False)


class CreateSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(max_length=64)  # type: ignore[assignment]  # its name
    vpn_network = serializers.CharField(max_length=64, trim_whitespace=False)
    endpoint = serializers.CharField(max_length=300, trim_whitespace=False)
    max_nodes = serializers.IntegerField(min_value=1, max_value=LARGEST_CLUSTER, required=False)


class CreatedSerializer(AcceptedSerializer):
    """The recovery key is in this answer only: keep it outside the cluster."""

    recovery_key = serializers.CharField()


class JoinSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=10_000)
    fqdn = serializers.CharField(max_length=300, required=False)
    tls_verify = serializers.BooleanField(default=True)


class ClusterView(APIView):
    """This node's cluster."""

    @extend_schema(operation_id="cluster_retrieve", responses=ClusterSerializer)
    def get(self, request: Request) -> Response:
        """The cluster that this node leads; on a new machine only its role."""
        return Response(describe(get_cluster()))

    @extend_schema(
        operation_id="cluster_change", request=ClusterChangeSerializer, responses=ClusterSerializer
    )
    def patch(self, request: Request) -> Response:
        """Change the label, or how many nodes there may be."""
        changes = _validated(ClusterChangeSerializer, request)
        return Response(describe(change_cluster(actor=actor_from(request), **changes)))


class CreateView(APIView):
    """Creating a cluster."""

    @extend_schema(
        operation_id="cluster_create", request=CreateSerializer, responses={202: CreatedSerializer}
    )
    def post(self, request: Request) -> Response:
        """Make this machine the leader of a new cluster."""
        values = _validated(CreateSerializer, request)
        operation, recovery_key = request_create(actor=actor_from(request), **values)
        return accepted(operation, recovery_key=recovery_key)


class JoinView(APIView):
    """Joining a cluster."""

    @extend_schema(
        operation_id="cluster_join", request=JoinSerializer, responses={202: AcceptedSerializer}
    )
    def post(self, request: Request) -> Response:
        """Make this machine a worker of the cluster that gave the join code."""
        values = _validated(JoinSerializer, request)
        return accepted(request_join(actor=actor_from(request), **values))


def describe(cluster: Cluster | None) -> dict[str, Any]:
    """As ``ClusterSerializer`` documents it; a deposed leader still says what it knew."""
    present = role.current()
    is_known = cluster is not None and present.role in (Role.LEADER, Role.DEPOSED)
    is_member = present.role not in (Role.UNINITIALISED, Role.REMOVED)
    values = {name: getattr(cluster, name) if is_known else None for name in OF_THE_CLUSTER}
    own = {
        "role": str(present.role),
        "node": present.node_id,
        "leader": present.leader.id if present.leader and is_member else None,
        "successor": present.successor,
        "contested": present.contested,
        "removed": present.removed,
    }
    return dict(ClusterSerializer(own | values).data)


def _validated(
    serializer_class: type[serializers.Serializer[Any]], request: Request
) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
