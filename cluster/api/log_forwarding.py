"""``logs/forwarding/``: the syslog receiver of all nodes' logs, and how far it has taken them."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from audit.api.forwarding import FailureSerializer, ReceiverSerializer
from audit.forwarding.receiver import Receiver
from cluster.services.log_forwarding import (
    Standing,
    change_log_forwarding,
    get_standing,
    send_test,
    stop_log_forwarding,
)


class LogStandingSerializer(serializers.Serializer[Standing]):
    receiver = ReceiverSerializer(allow_null=True)
    last_taken_at = serializers.DateTimeField(source="taken_at", allow_null=True)
    behind = serializers.IntegerField(help_text="How many bytes of the leader's files wait.")
    failure = serializers.SerializerMethodField()

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, standing: Standing) -> dict[str, Any] | None:
        """Why, while the receiver is away."""
        return dict(FailureSerializer(standing.progress).data) if standing.away_since else None


class LogForwardingView(APIView):
    """Where the logs are forwarded to."""

    asks_for_proof = ("PUT", "DELETE")

    @extend_schema(operation_id="logs_forwarding", responses=LogStandingSerializer)
    def get(self, request: Request) -> Response:
        """The receiver, and how far it has taken what the leader keeps."""
        return Response(LogStandingSerializer(get_standing()).data)

    @extend_schema(
        operation_id="logs_forwarding_change",
        request=ReceiverSerializer,
        responses=LogStandingSerializer,
    )
    def put(self, request: Request) -> Response:
        """Forward every line there from now on, over TCP or TLS (RFC 5424, RFC 5425)."""
        change_log_forwarding(_receiver(request), actor=actor_from(request))
        return Response(LogStandingSerializer(get_standing()).data)

    @extend_schema(operation_id="logs_forwarding_stop", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Forward nothing any more; what was not sent yet is not sent."""
        stop_log_forwarding(actor=actor_from(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogForwardingTestView(APIView):
    """A try."""

    asks_for_proof = ("POST",)

    @extend_schema(
        operation_id="logs_forwarding_test", request=ReceiverSerializer, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Send one message to a receiver, and store nothing; each way to fail has its own code."""
        send_test(_receiver(request), actor=actor_from(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _receiver(request: Request) -> Receiver:
    given = ReceiverSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return Receiver(**given.validated_data)
