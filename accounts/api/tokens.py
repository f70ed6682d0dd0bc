"""``tokens/``: one's own API tokens."""

from datetime import timedelta

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.actors import actor_from
from accounts.api.serializers import networks_field
from accounts.errors import LoginRequired, TokenNotFound
from accounts.models import ApiToken
from accounts.services.people import me
from accounts.services.tokens import DEFAULT_LIFETIME, LONGEST_LIFETIME, create_token, revoke_token
from config.api.pagination import CursorPages


class TokenPages(CursorPages):
    ordering = "-created"


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    created_at = serializers.DateTimeField(source="created", read_only=True)
    expires_at = serializers.DateTimeField(source="expiry", read_only=True)

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "name",
            "read_only",
            "allowed_networks",
            "created_at",
            "expires_at",
            "last_used_at",
        )
        read_only_fields = fields


class CreatedTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")


class NewTokenSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=64)
    ttl_seconds = serializers.IntegerField(
        min_value=60,
        max_value=int(LONGEST_LIFETIME.total_seconds()),
        default=int(DEFAULT_LIFETIME.total_seconds()),
        help_text="90 days unless said otherwise, a year at most.",
    )
    read_only = serializers.BooleanField(default=False)  # type: ignore[assignment]  # API's name
    allowed_networks = networks_field()


class TokenViewSet(mixins.ListModelMixin, GenericViewSet[ApiToken]):
    """One's own API tokens."""

    is_own_account = True
    serializer_class = TokenSerializer
    asks_for_proof = ("POST",)
    pagination_class = TokenPages
    lookup_field = "id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(user_id=self.request.user.pk)

    def get_object(self) -> ApiToken:
        found = self.get_queryset().filter(id=self.kwargs["id"]).first()
        if found is None:
            raise TokenNotFound()
        return found

    def retrieve(self, request: Request, id: str) -> Response:
        """One token, without its text."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=NewTokenSerializer, responses={201: CreatedTokenSerializer})
    def create(self, request: Request) -> Response:
        """Make a token; its text is shown this once. Needs a login, not another named token."""
        if isinstance(request.auth, ApiToken) and request.auth.kind == ApiToken.Kind.NAMED:
            raise LoginRequired()
        given = NewTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        lifetime = timedelta(seconds=values.pop("ttl_seconds"))
        token, text = create_token(
            me(request), actor=actor_from(request), lifetime=lifetime, **values
        )
        answer = {**self.get_serializer(token).data, "token": text}
        return Response(answer, status.HTTP_201_CREATED)

    def destroy(self, request: Request, id: str) -> Response:
        """Revoke a token at once."""
        revoke_token(self.get_object(), actor=actor_from(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
