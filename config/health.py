"""``/healthz``: this process is up. ``/readyz``: what it needs is up too."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from config.celery import app
from config.errors import DomainError
from nodes.local_agent import get_local_agent

REMEMBERED = 2
"""Seconds for which an answer holds, so that whoever asks often is no burden."""
PATIENCE = 2


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "up"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 or 503, and which of the three is missing; no more, because anybody may ask."""
    checks = cache.get_or_set("readyz", _check_all, REMEMBERED) or {}
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _check_all() -> dict[str, bool]:
    return {
        "database": _works(_ask_database),
        "broker": _works(_ask_broker),
        "agent": _works(_ask_agent),
    }


def _works(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (DatabaseError, OperationalError, DomainError):
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_broker() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=0, timeout=PATIENCE)


def _ask_agent() -> None:
    get_local_agent().status()
