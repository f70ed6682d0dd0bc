"""``audit/forwarding/``: the syslog receiver, and how far it has taken the trail."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.forwarding.receiver import Receiver
from audit.forwarding.service import (
    Standing,
    change_forwarding,
    get_standing,
    send_test,
    stop_forwarding,
)
from audit.surroundings import actor_of


class ReceiverSerializer(serializers.Serializer[Receiver]):
    host = serializers.CharField(max_length=253)
    port = serializers.IntegerField(min_value=1, max_value=65535)
    tls = serializers.BooleanField(default=True)
    certificate = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=100_000,
        help_text="PEM: the receiver's own or its authority's; without it, this machine's decide.",
    )


class ChangedForwardingSerializer(ReceiverSerializer):
    whole_trail = serializers.BooleanField(
        default=False, help_text="Send everything that the trail shows, not only what comes."
    )


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(source="error_code")
    detail = serializers.CharField(source="error_detail")
    away_since = serializers.DateTimeField()


class StandingSerializer(serializers.Serializer[Standing]):
    receiver = ReceiverSerializer(allow_null=True)
    last_event = serializers.IntegerField(source="place.taken", help_text="That it has taken.")
    last_taken_at = serializers.DateTimeField(source="place.taken_at", allow_null=True)
    behind = serializers.IntegerField(help_text="How many events wait.")
    failure = serializers.SerializerMethodField()

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, standing: Standing) -> dict[str, Any] | None:
        """Why, while the receiver is away."""
        place = standing.place
        return dict(FailureSerializer(place).data) if place.away_since else None


class ForwardingView(APIView):
    """Where the trail is forwarded to."""

    asks_for_proof = ("PUT", "DELETE")

    @extend_schema(operation_id="audit_forwarding", responses=StandingSerializer)
    def get(self, request: Request) -> Response:
        """The receiver, and how far it has taken the trail."""
        return Response(StandingSerializer(get_standing()).data)

    @extend_schema(
        operation_id="audit_forwarding_change",
        request=ChangedForwardingSerializer,
        responses=StandingSerializer,
    )
    def put(self, request: Request) -> Response:
        """Forward every event there from now on, over TCP or TLS (RFC 5424, RFC 5425)."""
        given = ChangedForwardingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        whole_trail = given.validated_data.pop("whole_trail")
        receiver = Receiver(**given.validated_data)
        change_forwarding(receiver, actor=actor_of(request), whole_trail=whole_trail)
        return Response(StandingSerializer(get_standing()).data)

    @extend_schema(operation_id="audit_forwarding_stop", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Forward nothing any more; what was not sent yet is not sent."""
        stop_forwarding(actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ForwardingTestView(APIView):
    """A try."""

    asks_for_proof = ("POST",)

    @extend_schema(
        operation_id="audit_forwarding_test", request=ReceiverSerializer, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Send one message to a receiver, and store nothing; each way to fail has its own code."""
        given = ReceiverSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        send_test(Receiver(**given.validated_data), actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
