"""The session engine: Django's database sessions, whose rows know whose they are."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone

from accounts.actors import client_address

if TYPE_CHECKING:
    from accounts.models import Session

ABSOLUTE_LIFETIME = timedelta(hours=12)
IDLE_LIFETIME = timedelta(minutes=30)
SEEN_PRECISION = timedelta(minutes=1)
"""How often a session in use is written."""


class SessionStore(DatabaseStore):
    """Copies owner, address and times into columns, so that sessions can be listed and ended."""

    @classmethod
    def get_model_class(cls) -> "type[Session]":
        from accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, object]) -> "Session":
        row = cast("Session", super().create_model_instance(data))
        owner = data.get(SESSION_KEY)
        row.administrator_id = int(str(owner)) if owner else None
        row.source = data.get("source")  # type: ignore[assignment]  # only written by open_session
        row.user_agent = str(data.get("user_agent", ""))
        row.opened_at = _time(data.get("opened_at"))
        row.seen_at = _time(data.get("seen_at"))
        return row


def open_session(request: HttpRequest) -> None:
    """Begin the lifetime of a session that has just been logged in."""
    now = timezone.now()
    request.session["source"] = client_address(request)
    request.session["user_agent"] = request.META.get("HTTP_USER_AGENT", "")[:256]
    request.session["opened_at"] = request.session["seen_at"] = now.isoformat()
    request.session.set_expiry(now + ABSOLUTE_LIFETIME)


def is_idle(request: HttpRequest) -> bool:
    """Whether nobody has used this session for 30 minutes."""
    seen = _time(request.session.get("seen_at"))
    return seen is not None and timezone.now() - seen > IDLE_LIFETIME


def touch(request: HttpRequest) -> None:
    """Note that somebody uses it; what a page asks for by itself is not use."""
    seen = _time(request.session.get("seen_at"))
    if seen is None or _is_polling(request):
        return
    if timezone.now() - seen > SEEN_PRECISION:
        request.session["seen_at"] = timezone.now().isoformat()


def _is_polling(request: HttpRequest) -> bool:
    return request.method == "GET" and "HX-Request" in request.headers


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
