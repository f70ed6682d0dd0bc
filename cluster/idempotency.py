"""``Idempotency-Key`` on every POST of the API: sent twice, done once, answered the same.

Only what succeeded is kept. A refusal changed nothing, so that the same request may be judged anew.
Strangers have no keys: logging in ignores the header.
"""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.access import may_enter
from cluster.errors.operations import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotencyOutcomeUnknown,
)
from cluster.models import IdempotencyKey
from config.api.exceptions import error_response
from config.encryption import decrypt, encrypt
from config.errors import DomainError

HEADER = "Idempotency-Key"
LONGEST_REQUEST = timedelta(seconds=60)
KEPT_HEADERS = ("Content-Type", "Location")


class IdempotencyMiddleware:
    """Answers a repeated POST with what the first one was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        first: IdempotencyKey | None = getattr(request, "idempotency_key", None)
        if first is not None:
            _settle(first, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, arguments: Any, options: Any
    ) -> HttpResponse | None:
        """The kept answer, a refusal, or None for a request that is new or has no key."""
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST" or not request.path.startswith("/api/v1/"):
            return None
        administrator = _find_administrator(request, getattr(view, "cls", None))
        if administrator is None:
            return None
        try:
            row = _reserve(administrator, key=_check(key), fingerprint=_fingerprint(request))
        except DomainError as refused:
            return error_response(refused)
        if row.status is None:
            vars(request)["idempotency_key"] = row
            return None
        return _replay(row)


def _find_administrator(request: HttpRequest, view: Any) -> Any:
    """Who sent it, if that one may; the view itself says no to all others."""
    if view is None:
        return None
    authenticators = [authenticator() for authenticator in view.authentication_classes]
    asked = Request(request, authenticators=authenticators)
    try:
        return asked.user if may_enter(asked, view) else None
    except APIException:
        return None


def _check(key: str) -> str:
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise IdempotencyKeyInvalid
    return key


def _fingerprint(request: HttpRequest) -> str:
    """With this node's key, because a body may hold a password that could be guessed from it."""
    asked = f"{request.get_full_path()}\n{request.content_type}\n".encode()
    return salted_hmac(__name__, asked + request.body, algorithm="sha256").hexdigest()


def _reserve(administrator: Any, *, key: str, fingerprint: str) -> IdempotencyKey:
    """A new row for the first to come, else the row of the one that was."""
    same = IdempotencyKey.objects.filter(administrator=administrator, key=key)
    same.expired().delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                administrator=administrator, key=key, fingerprint=fingerprint
            )
    except IntegrityError:
        first = same.first()
    if first is None:  # refused between the two looks
        raise IdempotencyInProgress
    if first.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if first.status is None:
        _refuse_unanswered(first)
    return first


def _refuse_unanswered(first: IdempotencyKey) -> None:
    is_abandoned = timezone.now() - first.created_at > LONGEST_REQUEST
    raise IdempotencyOutcomeUnknown if is_abandoned else IdempotencyInProgress


def _settle(first: IdempotencyKey, response: HttpResponse) -> None:
    row = IdempotencyKey.objects.filter(pk=first.pk)
    if not 200 <= response.status_code < 300:
        row.delete()
        return
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    answer = {"headers": headers, "body": base64.b64encode(response.content).decode()}
    row.update(status=response.status_code, answer=encrypt(json.dumps(answer)))


def _replay(first: IdempotencyKey) -> HttpResponse:
    answer = json.loads(decrypt(first.answer))
    headers = answer["headers"] | {"Idempotent-Replayed": "true"}
    return HttpResponse(base64.b64decode(answer["body"]), status=first.status, headers=headers)
