"""``account/proof/``: password and code, once more."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import optional_code_field, password_field
from accounts.services.proof import prove
from accounts.throttles import ProofThrottle


class ProofSerializer(serializers.Serializer[None]):
    password = password_field()
    otp = optional_code_field(
        "Code of the second factor, where there is one; a recovery code where that is a "
        "passkey, which is for browsers."
    )


class ProofView(APIView):
    """Proving again who one is."""

    is_own_account = True
    is_open_before_second_factor = True
    throttle_classes = (ProofThrottle,)

    @extend_schema(operation_id="account_proof", request=ProofSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Renew the proof of this session or login, which requests answered `proof_required` need.

        It is good for five minutes. Named tokens need none, and cannot renew one.
        """
        given = ProofSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        prove(request, **given.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
