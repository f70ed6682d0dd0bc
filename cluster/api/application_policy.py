"""``/api/v1/application-policy/``: what installed applications may have beyond their container."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from cluster.models import ApplicationPolicy
from cluster.services.application_policy import change_application_policy


class ApplicationPolicySerializer(serializers.ModelSerializer[ApplicationPolicy]):
    class Meta:
        model = ApplicationPolicy
        fields = ["host_paths", "host_network", "privileged"]


class ApplicationPolicyView(APIView):
    """Everything is forbidden until somebody allows it."""

    asks_for_proof = ("PATCH",)

    @extend_schema(operation_id="application_policy", responses=ApplicationPolicySerializer)
    def get(self, request: Request) -> Response:
        """What is allowed now."""
        return Response(ApplicationPolicySerializer(ApplicationPolicy.load()).data)

    @extend_schema(
        operation_id="application_policy_change",
        request=ApplicationPolicySerializer,
        responses=ApplicationPolicySerializer,
    )
    def patch(self, request: Request) -> Response:
        """Allow or forbid; what runs already is not touched."""
        wanted = ApplicationPolicySerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        policy = change_application_policy(actor=actor_from(request), **wanted.validated_data)
        return Response(ApplicationPolicySerializer(policy).data)
