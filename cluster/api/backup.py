"""``/api/v1/cluster/backup/``: how the cluster is backed up, doing it now, and taking the file."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import actor_from
from accounts.services.people import me
from cluster.api.operations import AcceptedSerializer, OperationSerializer, accepted
from cluster.backup.destinations import FIELDS, Kind
from cluster.backup.download import as_response
from cluster.models import BackupDestination
from cluster.services import backup_settings, backups
from cluster.services.backup_status import BackupStatus, describe

LARGEST = 1_000_000


class DestinationSerializer(serializers.ModelSerializer[BackupDestination]):
    """One destination, without what opens it."""

    place = serializers.CharField(read_only=True)
    settings = serializers.DictField(child=serializers.CharField(), read_only=True)
    has_secret = serializers.SerializerMethodField()

    class Meta:
        model = BackupDestination
        fields = ["id", "kind", "place", "settings", "has_secret", "created_at"]
        read_only_fields = fields

    def get_has_secret(self, destination: BackupDestination) -> bool:
        return bool(destination.secret)


class NewDestinationSerializer(serializers.Serializer[Any]):
    """What each kind needs: local ``path``; sftp ``host``, ``port``, ``user``, ``path``,
    ``host_key`` and ``password`` or ``private_key``; s3 ``endpoint``, ``region``, ``bucket``,
    ``path``, ``access_key_id``, ``secret_access_key``; webdav ``url``, ``path``, ``user``,
    ``password``.
    """

    kind = serializers.ChoiceField(choices=[(str(kind), str(kind)) for kind in Kind])

    def get_fields(self) -> dict[str, Any]:
        """Every setting of every kind: the service knows which belong together."""
        names = sorted({name for wanted in FIELDS.values() for name in wanted})
        secret = {name for wanted in FIELDS.values() for name in wanted if wanted[name].is_secret}
        return super().get_fields() | {
            name: serializers.CharField(
                required=False,
                allow_blank=True,
                max_length=20_000,
                trim_whitespace=False,
                write_only=name in secret,
            )
            for name in names
        }


class BackupFileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(source="path.name")
    size = serializers.IntegerField()
    made_at = serializers.DateTimeField()


class BackupSerializer(serializers.Serializer[BackupStatus]):
    """``password_set`` says whether this leader has the password; without it nothing is backed up.

    ``last_good_at`` is when the newest backup was made that arrived everywhere.
    """

    password_set = serializers.BooleanField()
    daily_at = serializers.TimeField(source="settings.daily_at", allow_null=True, format="%H:%M")
    keep_last = serializers.IntegerField(source="settings.keep_last")
    keep_days = serializers.IntegerField(source="settings.keep_days", allow_null=True)
    with_audit = serializers.BooleanField(source="settings.with_audit")
    destinations = DestinationSerializer(many=True)
    next_at = serializers.DateTimeField(allow_null=True)
    last_good_at = serializers.DateTimeField(source="settings.last_good_at", allow_null=True)
    is_overdue = serializers.BooleanField()
    last_run = serializers.SerializerMethodField()
    file = BackupFileSerializer(allow_null=True)

    @extend_schema_field(OperationSerializer(allow_null=True))
    def get_last_run(self, status: BackupStatus) -> Any:
        return status.last_run and OperationSerializer(status.last_run).data


class BackupSettingsSerializer(serializers.Serializer[Any]):
    """``daily_at`` is UTC; null switches the schedule off."""

    daily_at = serializers.TimeField(allow_null=True, input_formats=["%H:%M", "%H:%M:%S"])
    keep_last = serializers.IntegerField(max_value=LARGEST, min_value=-LARGEST)
    keep_days = serializers.IntegerField(allow_null=True, max_value=LARGEST, min_value=-LARGEST)
    with_audit = serializers.BooleanField()


class BackupPasswordSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(trim_whitespace=False, max_length=1_000, write_only=True)


class BackupView(APIView):
    """The cluster's backup."""

    @extend_schema(operation_id="cluster_backup_retrieve", responses=BackupSerializer)
    def get(self, request: Request) -> Response:
        """How the cluster is backed up, and how that went."""
        return Response(BackupSerializer(describe()).data)

    @extend_schema(
        operation_id="cluster_backup_replace",
        request=BackupSettingsSerializer,
        responses=BackupSerializer,
    )
    def put(self, request: Request) -> Response:
        """Set schedule and retention."""
        return self._change(request, partial=False)

    @extend_schema(
        operation_id="cluster_backup_change",
        request=BackupSettingsSerializer(partial=True),
        responses=BackupSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change some of them."""
        return self._change(request, partial=True)

    @extend_schema(
        operation_id="cluster_backup_run", request=None, responses={202: AcceptedSerializer}
    )
    def post(self, request: Request) -> Response:
        """Back up now."""
        return accepted(backups.request_backup(actor=actor_from(request)))

    def _change(self, request: Request, *, partial: bool) -> Response:
        wanted = BackupSettingsSerializer(data=request.data, partial=partial)
        wanted.is_valid(raise_exception=True)
        backup_settings.change_settings(actor=actor_from(request), **wanted.validated_data)
        return self.get(request)


class BackupPasswordView(APIView):
    """The password that backups are sealed by."""

    asks_for_proof = ("PUT",)

    @extend_schema(
        operation_id="cluster_backup_password",
        request=BackupPasswordSerializer,
        responses={204: None},
    )
    def put(self, request: Request) -> Response:
        """Set it on this leader; it is kept nowhere else, and shown to nobody."""
        wanted = BackupPasswordSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        backup_settings.set_password(
            wanted.validated_data["password"], actor=actor_from(request), administrator=me(request)
        )
        return Response(status=204)


class BackupDestinationsView(APIView):
    """Where backups are sent."""

    asks_for_proof = ("POST",)

    @extend_schema(
        operation_id="cluster_backup_destinations_create",
        request=NewDestinationSerializer,
        responses={201: DestinationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add one, once the leader has put a file there, listed it and removed it."""
        wanted = NewDestinationSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        kind = values.pop("kind")
        made = backup_settings.add_destination(kind, values, actor=actor_from(request))
        return Response(DestinationSerializer(made).data, status=201)


class BackupDestinationView(APIView):
    """One destination."""

    asks_for_proof = ("DELETE",)

    @extend_schema(operation_id="cluster_backup_destinations_destroy", responses={204: None})
    def delete(self, request: Request, destination_id: UUID) -> Response:
        """Send nothing there any more; what is there stays there."""
        destination = backup_settings.find_destination(destination_id)
        backup_settings.remove_destination(destination, actor=actor_from(request))
        return Response(status=204)


class BackupFileView(APIView):
    """The newest backup that is on the leader."""

    asks_for_proof = ("POST",)

    @extend_schema(
        operation_id="cluster_backup_download",
        request=None,
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def post(self, request: Request) -> FileResponse:
        """Take it along; that is recorded, so it is no GET."""
        return as_response(backups.take_file(actor=actor_from(request)).path)
