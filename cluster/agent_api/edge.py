"""The edge of the agent API: sound JSON in, ``{"code", "detail"}`` out, whatever is sent."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from cluster.errors.leaving import NodeRemoved
from config import strict_json
from config.api.parsers import RequestTooLarge
from config.errors import DomainError, Invalid

LARGEST_BODY = 256 * 1024
Json = dict[str, Any]
View = Callable[[HttpRequest], HttpResponse]


class RequestMalformed(Invalid):
    code = "request_malformed"
    message = "The request is not valid: {problem}."


class MethodNotAllowed(Invalid):
    code = "method_not_allowed"
    status = 405
    message = "Use {method} here."


def agent_view(method: str) -> Callable[[View], View]:
    """A view of the agent API for one method; domain errors become its answers."""

    def decorate(view: View) -> View:
        @csrf_exempt  # no cookie is ever looked at here
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            try:
                if request.method != method:
                    raise MethodNotAllowed(method=method)
                return view(request)
            except DomainError as error:
                return error_response(error)

        return answer

    return decorate


def error_response(error: DomainError) -> JsonResponse:
    """The one shape of errors here; ``field`` only where the error concerns one, and what else an
    agent needs to know.
    """
    content: Json = {"code": error.code, "detail": error.detail}
    if isinstance(error, NodeRemoved):
        content |= error.members
    if error.field is not None:
        content["field"] = error.field
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return JsonResponse(content, status=error.status, headers=headers)


def read_json(request: HttpRequest) -> Json:
    """The body as a JSON object that can be stored.

    Raises ``RequestMalformed``, ``RequestTooLarge``.
    """
    raw = _read_body(request)
    try:
        body = strict_json.loads(raw)
    except ValueError:
        raise RequestMalformed(problem="it is no JSON that can be stored") from None
    if not isinstance(body, dict):
        raise RequestMalformed(problem="it is no JSON object")
    return body


def _read_body(request: HttpRequest) -> bytes:
    try:
        raw = request.body
    except RequestDataTooBig:
        raise RequestTooLarge(limit=LARGEST_BODY) from None
    except UnreadablePostError:
        raise RequestMalformed(problem="it ended too early") from None
    if len(raw) > LARGEST_BODY:
        raise RequestTooLarge(limit=LARGEST_BODY)
    return raw


def read_bearer(request: HttpRequest) -> str:
    """The token of ``Authorization: Bearer``, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
