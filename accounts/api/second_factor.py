"""``account/totp/`` and ``account/recovery-codes/`` (S50, S51)."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import proofs, totp
from accounts.actors import actor_from
from accounts.api.serializers import optional_code_field, password_field
from accounts.services import second_factor
from accounts.services.credentials import Credential
from accounts.services.factors import stay_verified
from accounts.services.people import me
from accounts.throttles import ProofThrottle


class PasswordOnlySerializer(serializers.Serializer[None]):
    password = password_field()


class BeginSerializer(PasswordOnlySerializer):
    otp = optional_code_field("A recovery code, where there is a second factor already: passkeys.")


class CodeOnlySerializer(serializers.Serializer[None]):
    otp = serializers.CharField(max_length=64, write_only=True)


class BothFactorsSerializer(PasswordOnlySerializer, CodeOnlySerializer):
    """Password and code."""


class KeySerializer(serializers.Serializer[None]):
    secret = serializers.CharField(help_text="Base 32, for typing it into the application.")
    uri = serializers.CharField()
    qr_svg = serializers.CharField(help_text="The URI as a QR code.")


class RecoveryCodesSerializer(serializers.Serializer[None]):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Shown this once; each works once. None where there are some already.",
    )


class TotpView(APIView):
    """One's own second factor."""

    is_own_account = True
    is_open_before_second_factor = True
    asks_for_proof = ("PUT",)
    throttle_classes = (ProofThrottle,)

    @extend_schema(
        operation_id="account_totp_begin",
        request=BeginSerializer,
        responses={200: KeySerializer},
    )
    def post(self, request: Request) -> Response:
        """Draw a key. Nothing changes until a code confirms it."""
        given = BeginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        administrator = me(request)
        authenticator = second_factor.begin_totp(
            administrator, actor=actor_from(request), **given.validated_data
        )
        proofs.note(request)
        return Response(totp.describe(authenticator.key, username=administrator.username))

    @extend_schema(
        operation_id="account_totp_confirm",
        request=CodeOnlySerializer,
        responses={200: RecoveryCodesSerializer},
    )
    def put(self, request: Request) -> Response:
        """Switch the second factor on by a code of the new key; gives the recovery codes."""
        given = CodeOnlySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        administrator = me(request)
        codes = second_factor.confirm_totp(
            administrator,
            actor=actor_from(request),
            keep=Credential.of(request),
            **given.validated_data,
        )
        stay_verified(request, administrator)
        return Response({"recovery_codes": codes})

    @extend_schema(
        operation_id="account_totp_disable", request=BothFactorsSerializer, responses={204: None}
    )
    def delete(self, request: Request) -> Response:
        """Forget the application; without passkeys the second factor is off then."""
        given = BothFactorsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        administrator = me(request)
        second_factor.disable_totp(
            administrator,
            actor=actor_from(request),
            keep=Credential.of(request),
            **given.validated_data,
        )
        stay_verified(request, administrator)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecoveryCodesView(APIView):
    """One's own recovery codes."""

    is_own_account = True
    throttle_classes = (ProofThrottle,)

    @extend_schema(
        operation_id="account_recovery_codes",
        request=BothFactorsSerializer,
        responses={200: RecoveryCodesSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ten new codes; the old ones are void."""
        given = BothFactorsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        codes = second_factor.renew_recovery_codes(
            me(request), actor=actor_from(request), **given.validated_data
        )
        return Response({"recovery_codes": codes})
