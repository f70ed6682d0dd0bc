"""``/api/v1/join-codes/``: what lets one machine in."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import actor_from
from cluster.models import JoinCode
from cluster.services import join_codes
from config.api.pagination import CursorPages


class JoinCodeSerializer(serializers.ModelSerializer[JoinCode]):
    """A code without its secret, which nobody can read again."""

    state = serializers.ChoiceField(choices=JoinCode.State.choices, read_only=True)

    class Meta:
        model = JoinCode
        fields = ["id", "created_by", "created_at", "expires_at", "state", "node"]
        read_only_fields = fields


class NewJoinCodeSerializer(serializers.Serializer[Any]):
    ttl_seconds = serializers.IntegerField(
        default=join_codes.DEFAULT_TTL,
        min_value=join_codes.SHORTEST_TTL,
        max_value=join_codes.LONGEST_TTL,
    )


class MadeJoinCodeSerializer(serializers.Serializer[Any]):
    """The text is in this answer only."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    expires_at = serializers.DateTimeField()


class JoinCodePages(CursorPages):
    ordering = "-created_at"


@extend_schema_view(
    list=extend_schema(description="Join codes, newest first."),
    destroy=extend_schema(description="Revoke a join code; it stays in the list."),
)
class JoinCodeViewSet(
    mixins.ListModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[JoinCode]
):
    """Join codes."""

    queryset = JoinCode.objects.all()
    serializer_class = JoinCodeSerializer
    pagination_class = JoinCodePages
    asks_for_proof = ("POST",)

    @extend_schema(request=NewJoinCodeSerializer, responses={201: MadeJoinCodeSerializer})
    def create(self, request: Request) -> Response:
        """Make a join code: single-use, and good for nothing else than to enrol one worker."""
        wanted = NewJoinCodeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        join_code, text = join_codes.create_join_code(
            actor=actor_from(request), **wanted.validated_data
        )
        made = {"id": join_code.pk, "code": text, "expires_at": join_code.expires_at}
        return Response(MadeJoinCodeSerializer(made).data, status=status.HTTP_201_CREATED)

    def perform_destroy(self, instance: JoinCode) -> None:
        join_codes.revoke_join_code(instance, actor=actor_from(self.request))
