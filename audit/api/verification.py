"""``audit/verification/``."""

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.checkpoints import signed_again_after
from audit.models import WitnessStatement
from audit.rounds import verify_everything
from audit.verification import Problem, Report


class ProblemSerializer(serializers.Serializer[Problem]):
    id = serializers.IntegerField()
    reason = serializers.CharField()


class WitnessSerializer(serializers.ModelSerializer[WitnessStatement]):
    node = serializers.IntegerField(source="witness")
    count = serializers.IntegerField(help_text="How many events its newest checkpoint has.")
    time = serializers.DateTimeField(help_text="When that was signed.", allow_null=True)

    class Meta:
        model = WitnessStatement
        fields = ("node", "label", "count", "time", "heard_at", "refusal")


class ReportSerializer(serializers.Serializer[Report]):
    ok = serializers.BooleanField(source="is_intact")
    verified_at = serializers.DateTimeField()
    checked = serializers.IntegerField(help_text="How many events fit, from the first.")
    head = serializers.CharField(help_text="Hash of the last event.")
    first_bad = ProblemSerializer(allow_null=True)
    signed_again_after = serializers.SerializerMethodField(
        help_text="Event after which the end of the trail is signed again, where an older copy was"
        " restored and this machine remembers more."
    )
    witnesses = serializers.SerializerMethodField()

    def get_signed_again_after(self, _: Report) -> int | None:
        return signed_again_after()

    @extend_schema_field(WitnessSerializer(many=True))
    def get_witnesses(self, _: Report) -> list[dict[str, object]]:
        """Who remembers how far the trail was, beside its database."""
        return list(WitnessSerializer(WitnessStatement.objects.all(), many=True).data)


class VerificationView(APIView):
    """Whether the trail is as it was written."""

    @extend_schema(operation_id="audit_verification", responses=ReportSerializer)
    def get(self, request: Request) -> Response:
        """Verify every event now, and name the first bad one; asks every node what it remembers."""
        return Response(ReportSerializer(verify_everything()).data)
