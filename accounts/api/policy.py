"""``access-policy/``: what the cluster asks of all administrators alike."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from accounts.models import AccessPolicy
from accounts.services.policy import change_policy, get_policy


class AccessPolicySerializer(serializers.ModelSerializer[AccessPolicy]):
    class Meta:
        model = AccessPolicy
        fields = ("second_factor_required", "passkey_domain")


class ChangedAccessPolicySerializer(serializers.Serializer[None]):
    second_factor_required = serializers.BooleanField(required=False)
    passkey_domain = serializers.CharField(
        max_length=253,
        required=False,
        allow_blank=True,
        help_text="What new passkeys are bound to, such as example.org, if every node is below it; "
        "empty for the name of the console that they are added at.",
    )


class AccessPolicyView(APIView):
    """What the cluster asks of all administrators alike."""

    asks_for_proof = ("PATCH",)

    @extend_schema(operation_id="access_policy", responses=AccessPolicySerializer)
    def get(self, request: Request) -> Response:
        """Whether everybody needs a second factor, and what passkeys are bound to."""
        return Response(AccessPolicySerializer(get_policy()).data)

    @extend_schema(
        operation_id="access_policy_change",
        request=ChangedAccessPolicySerializer,
        responses=AccessPolicySerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change it. Whoever has no second factor may then only set one up."""
        given = ChangedAccessPolicySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        policy = change_policy(actor=actor_from(request), **given.validated_data)
        return Response(AccessPolicySerializer(policy).data)
