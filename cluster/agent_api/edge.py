"""The edge of the agent API: sound JSON in, ``{"code", "detail"}`` out, whatever is sent."""

import json
import math
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from config.errors import DomainError, Invalid

LARGEST_BODY = 256 * 1024
Json = dict[str, Any]
View = Callable[[HttpRequest], JsonResponse]
_SUSPICIOUS = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
"""What no database can store, or may be half of it: NUL, and surrogates."""


class RequestMalformed(Invalid):
    code = "request_malformed"
    message = "The request is not valid: {problem}."


class RequestTooLarge(Invalid):
    code = "request_too_large"
    status = 413
    message = "A request has at most {limit} bytes."


class MethodNotAllowed(Invalid):
    code = "method_not_allowed"
    status = 405
    message = "Use {method} here."


def agent_view(method: str) -> Callable[[View], View]:
    """A view of the agent API for one method; domain errors become its answers."""

    def decorate(view: View) -> View:
        @csrf_exempt  # no cookie is ever looked at here
        @wraps(view)
        def answer(request: HttpRequest) -> JsonResponse:
            try:
                if request.method != method:
                    raise MethodNotAllowed(method=method)
                return view(request)
            except DomainError as error:
                return error_response(error)

        return answer

    return decorate


def error_response(error: DomainError) -> JsonResponse:
    """The one shape of errors here; ``field`` only where the error concerns one."""
    content = {"code": error.code, "detail": error.detail}
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
        body = json.loads(raw.decode(), parse_constant=_refuse, parse_float=_parse_float)
        if _SUSPICIOUS.search(raw):
            _check_storable(body)
    except (ValueError, RecursionError):
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


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _parse_float(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def _check_storable(body: Any) -> None:
    """Raises UnicodeEncodeError, a ValueError, for half a surrogate pair."""
    text = json.dumps(body, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text:
        raise ValueError("NUL")


def read_bearer(request: HttpRequest) -> str:
    """The token of ``Authorization: Bearer``, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
