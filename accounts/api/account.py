"""``account/``: one's own account, password and sessions."""

from django.contrib.auth import update_session_auth_hash
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from accounts.api.serializers import AdministratorSerializer, password_field
from accounts.models import Administrator
from accounts.services import change_own_password
from accounts.services.administrators import change_administrator
from accounts.services.credentials import Credential
from accounts.services.people import me
from accounts.throttles import ProofThrottle


class AccountSerializer(AdministratorSerializer):
    recovery_codes_left = serializers.IntegerField(read_only=True)
    failures_before_login = serializers.IntegerField(
        read_only=True, help_text="Attempts that failed between the last login and the one before."
    )
    failures_since_login = serializers.IntegerField(
        read_only=True, help_text="Attempts that failed since the last login."
    )

    class Meta(AdministratorSerializer.Meta):
        fields = (
            *AdministratorSerializer.Meta.fields,
            "language",
            "recovery_codes_left",
            "failures_before_login",
            "failures_since_login",
        )


class ChangedAccountSerializer(serializers.Serializer[None]):
    language = serializers.ChoiceField(
        choices=Administrator.Language.choices,
        required=False,
        help_text="Of the console's pages; empty: what the browser asks for.",
    )


class AccountView(RetrieveAPIView[Administrator]):
    """One's own account."""

    is_own_account = True
    serializer_class = AccountSerializer

    def get_object(self) -> Administrator:
        return me(self.request)

    @extend_schema(request=ChangedAccountSerializer, responses=AccountSerializer)
    def patch(self, request: Request) -> Response:
        """Change the language of the console's pages; what programs get stays English."""
        given = ChangedAccountSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        change_administrator(me(request), actor=actor_from(request), **given.validated_data)
        return Response(self.get_serializer(me(request)).data)


class PasswordSerializer(serializers.Serializer[None]):
    current_password = password_field()
    new_password = serializers.CharField(trim_whitespace=False, write_only=True)


class PasswordView(APIView):
    """One's own password (S48)."""

    is_own_account = True
    is_open_before_password_change = True
    is_open_before_second_factor = True
    throttle_classes = (ProofThrottle,)

    @extend_schema(
        operation_id="account_password", request=PasswordSerializer, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Change it. Every other session and token ends."""
        given = PasswordSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        administrator, credential = me(request), Credential.of(request)
        change_own_password(
            administrator, actor=actor_from(request), keep=credential, **given.validated_data
        )
        if credential.session_key is not None:
            update_session_auth_hash(request._request, administrator)
        return Response(status=status.HTTP_204_NO_CONTENT)
