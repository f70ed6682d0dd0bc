"""Domain errors become API errors here, once."""

from django.http import JsonResponse
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler, exception_handler
from drf_standardized_errors.types import (
    CLIENT_ERROR,
    SERVER_ERROR,
    VALIDATION_ERROR,
    Error,
    ExceptionHandlerContext,
)
from rest_framework import exceptions
from rest_framework.response import Response

from config.errors import DomainError


def translate(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """DRF's ``EXCEPTION_HANDLER``: one shape for all errors, and ``Retry-After`` where it helps."""
    response: Response | None = exception_handler(exc, context)
    if response is not None and isinstance(exc, DomainError) and exc.retry_after:
        response["Retry-After"] = str(exc.retry_after)
    return response


def error_response(error: DomainError) -> JsonResponse:
    """The same shape for what refuses before a view of the API is reached."""
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
        if isinstance(exc, DomainError):
            return _as_api_exception(exc)
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


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
