"""Domain errors become API errors here, once."""

from typing import Any

from django.http import JsonResponse
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import (
    CLIENT_ERROR,
    SERVER_ERROR,
    VALIDATION_ERROR,
    Error,
)
from rest_framework import exceptions

from config.errors import DomainError
from config.outages import refusal_of


def error_response(error: DomainError) -> JsonResponse:
    """The shape of all errors, for what refuses before a view of the API is reached."""
    if error.status >= 500:
        kind = SERVER_ERROR
    else:
        kind = VALIDATION_ERROR if _concerns_a_field(error) else CLIENT_ERROR
    item = {"code": error.code, "detail": error.detail, "attr": error.field}
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return JsonResponse({"type": kind, "errors": [item]}, status=error.status, headers=headers)


class DomainExceptionHandler(ExceptionHandler):
    """Knows our domain errors beside DRF's own."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """A domain error as DRF's, with its code and status."""
        refused = refusal_of(exc)
        if refused is not None:
            self.exc = refused
            return _as_api_exception(refused)
        converted: Exception = super().convert_known_exceptions(exc)
        return converted

    def get_headers(self, exc: exceptions.APIException) -> dict[str, Any]:
        """``Retry-After`` where it helps."""
        headers: dict[str, Any] = super().get_headers(exc)
        if isinstance(self.exc, DomainError) and self.exc.retry_after:
            headers["Retry-After"] = str(self.exc.retry_after)
        return headers


class DomainExceptionFormatter(ExceptionFormatter):
    """Names the field also where the error is no mistake of form (409, 403)."""

    def get_errors(self) -> list[Error]:
        errors: list[Error] = super().get_errors()
        if isinstance(self.original_exc, DomainError):
            errors = [Error(e.code, e.detail, self.original_exc.field) for e in errors]
        return errors


def _as_api_exception(exc: DomainError) -> exceptions.APIException:
    if _concerns_a_field(exc):
        return exceptions.ValidationError(exc.detail, code=exc.code)
    api_exception = exceptions.APIException(detail=exc.detail, code=exc.code)
    api_exception.status_code = exc.status
    return api_exception


def _concerns_a_field(exc: DomainError) -> bool:
    return exc.field is not None and exc.status == 400
