"""``auth/``: a token for a name, a password and a code."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from accounts.api.serializers import optional_code_field, password_field
from accounts.services import login
from accounts.services.credentials import Credential
from accounts.throttles import LoginThrottle


class LoginSerializer(serializers.Serializer[None]):
    username = serializers.CharField(max_length=150)
    password = password_field()
    otp = optional_code_field(
        "Code of the second factor, where there is one; a recovery code where that is a "
        "passkey, which is for browsers. Programs use named tokens."
    )


class LoginAnswerSerializer(serializers.Serializer[dict[str, object]]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    must_change_password = serializers.BooleanField()


class LoginView(APIView):
    """Log in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (LoginThrottle,)

    @extend_schema(
        operation_id="auth_login",
        request=LoginSerializer,
        responses={200: LoginAnswerSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Get a token for 12 hours. Every refusal looks the same."""
        given = LoginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        administrator = login.check_password(
            request._request, username=values["username"], password=values["password"]
        )
        login.check_code(request._request, administrator, code=values["otp"])
        token, text = login.log_in_for_token(request._request, administrator)
        answer = {
            "token": text,
            "expires_at": token.expiry,
            "must_change_password": administrator.must_change_password,
        }
        return Response(LoginAnswerSerializer(answer).data)


class LogoutView(APIView):
    """Log out."""

    is_own_account = True
    is_open_before_password_change = True
    is_open_before_second_factor = True

    @extend_schema(operation_id="auth_logout", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the token or the session that this request came with."""
        login.log_out(
            request._request, actor=actor_from(request), token=Credential.of(request).token
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
