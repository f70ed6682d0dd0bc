"""Errors that no view answers: JSON under ``/api/`` and ``/agent/``, pages elsewhere."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from config.api.exceptions import error_response
from config.errors import DomainError, Invalid, Missing


class RequestMalformed(Invalid):
    code = "parse_error"
    message = "The request is malformed."


class PathUnknown(Missing):
    message = "There is nothing at this path."


class ServerError(DomainError):
    message = "Something went wrong here. The log of this node says more."
    status = 500


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _as_json(request, RequestMalformed()) or defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _as_json(request, PathUnknown()) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return _as_json(request, ServerError()) or defaults.server_error(request)


def _as_json(request: HttpRequest, error: DomainError) -> HttpResponse | None:
    if request.path.startswith("/agent/"):
        return JsonResponse({"code": error.code, "detail": error.detail}, status=error.status)
    return error_response(error) if request.path.startswith("/api/") else None
