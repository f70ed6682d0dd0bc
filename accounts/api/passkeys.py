"""``account/passkeys/``: one's own passkeys. They are added by a browser, on the account's page."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from accounts.api.second_factor import BothFactorsSerializer
from accounts.models import Passkey
from accounts.services.credentials import Credential
from accounts.services.factors import stay_verified
from accounts.services.passkeys import find_passkey, remove_passkey, rename_passkey
from accounts.services.people import me
from accounts.throttles import ProofThrottle


class PasskeySerializer(serializers.ModelSerializer[Passkey]):
    id = serializers.CharField(source="public_id", read_only=True)
    bound_to = serializers.CharField(
        source="rp_id", read_only=True, help_text="The name of the console at which it works."
    )

    class Meta:
        model = Passkey
        fields = ("id", "name", "bound_to", "created_at", "last_used_at")
        read_only_fields = ("created_at", "last_used_at")


class PasskeysView(APIView):
    """One's own passkeys."""

    is_own_account = True

    @extend_schema(operation_id="account_passkeys", responses=PasskeySerializer(many=True))
    def get(self, request: Request) -> Response:
        """All of them, the oldest first."""
        return Response(PasskeySerializer(me(request).passkeys.all(), many=True).data)


class PasskeyView(APIView):
    """One of them."""

    is_own_account = True
    throttle_classes = (ProofThrottle,)

    @extend_schema(
        operation_id="account_passkey_rename",
        request=PasskeySerializer,
        responses=PasskeySerializer,
    )
    def patch(self, request: Request, passkey_id: str) -> Response:
        """Give it another name."""
        given = PasskeySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        passkey = find_passkey(me(request), public_id=passkey_id)
        rename_passkey(passkey, actor=actor_from(request), name=given.validated_data["name"])
        return Response(PasskeySerializer(passkey).data)

    @extend_schema(
        operation_id="account_passkey_remove", request=BothFactorsSerializer, responses={204: None}
    )
    def delete(self, request: Request, passkey_id: str) -> Response:
        """Accept it no more; without any other factor the second factor is off then."""
        given = BothFactorsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        administrator = me(request)
        passkey = find_passkey(administrator, public_id=passkey_id)
        remove_passkey(
            passkey,
            actor=actor_from(request),
            keep=Credential.of(request),
            **given.validated_data,
        )
        stay_verified(request, administrator)
        return Response(status=status.HTTP_204_NO_CONTENT)
