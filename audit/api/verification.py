"""``audit/verification/``."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.rounds import verify_everything
from audit.verification import Problem, Report


class ProblemSerializer(serializers.Serializer[Problem]):
    id = serializers.IntegerField()
    reason = serializers.CharField()


class ReportSerializer(serializers.Serializer[Report]):
    ok = serializers.BooleanField(source="is_intact")
    verified_at = serializers.DateTimeField()
    checked = serializers.IntegerField(help_text="How many events fit, from the first.")
    head = serializers.CharField(help_text="Hash of the last event.")
    first_bad = ProblemSerializer(allow_null=True)


class VerificationView(APIView):
    """Whether the trail is as it was written."""

    @extend_schema(operation_id="audit_verification", responses=ReportSerializer)
    def get(self, request: Request) -> Response:
        """Verify every event now, and name the first bad one."""
        return Response(ReportSerializer(verify_everything()).data)
