"""Domain errors become API errors here, once."""

from typing import Any

from django.http import Http404
from drf_standardized_errors.handler import ExceptionHandler, exception_handler
from rest_framework import exceptions
from rest_framework.response import Response

from config.errors import DomainError


def translate(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's ``EXCEPTION_HANDLER``: one shape for all errors, and ``Retry-After`` where it helps."""
    response: Response | None = exception_handler(exc, context)
    if response is not None and isinstance(exc, DomainError) and exc.retry_after:
        response["Retry-After"] = str(exc.retry_after)
    return response


class DomainExceptionHandler(ExceptionHandler):  # type: ignore[misc]  # untyped base
    """Knows our domain errors beside DRF's own."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """A domain error as DRF's, with its code, status and field."""
        if isinstance(exc, DomainError):
            return _as_api_exception(exc)
        if isinstance(exc, Http404):
            return exceptions.NotFound()
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


def _as_api_exception(exc: DomainError) -> exceptions.APIException:
    if exc.field is not None and exc.status == 400:
        return exceptions.ValidationError({exc.field: [exc.detail]}, code=exc.code)
    api_exception = exceptions.APIException(detail=exc.detail, code=exc.code)
    api_exception.status_code = exc.status
    return api_exception
