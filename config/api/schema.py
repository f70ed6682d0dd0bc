"""What the published schema covers and adds: the public API, its errors, its idempotency."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from drf_standardized_errors.openapi import AutoSchema
from rest_framework import serializers

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent again with the same key within a day, the request is answered as before "
    "and not done twice (only what succeeded is remembered). 1 to 255 printable ASCII characters.",
)


class ApiSchema(AutoSchema):
    """One shape of errors everywhere, and ``Idempotency-Key`` wherever it is honoured."""

    def get_override_parameters(self) -> list[Any]:
        given = super().get_override_parameters()
        return [*given, IDEMPOTENCY_KEY] if self._honours_idempotency() else given

    def _should_add_error_response(self, responses: dict[str, Any], status_code: str) -> bool:
        if status_code == "422":
            return self._honours_idempotency()
        wanted: bool = super()._should_add_error_response(responses, status_code)
        return wanted

    def _honours_idempotency(self) -> bool:
        return self.method == "POST" and bool(self.view.authentication_classes)


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stable, to decide by.")
    detail = serializers.CharField(help_text="A sentence for people.")
    attr = serializers.CharField(allow_null=True, help_text="The field that it concerns.")


class ErrorResponseSerializer(serializers.Serializer[Any]):
    """The one shape of errors."""

    type = serializers.ChoiceField(["validation_error", "client_error", "server_error"])
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]  # a field, as DRF declares it


def only_public_paths(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Keep ``/api/v1/`` only."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
