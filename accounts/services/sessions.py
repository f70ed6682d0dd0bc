"""One's own browser sessions: seeing them, ending them."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import SessionNotFound
from accounts.models import Administrator, Session
from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record


def list_sessions(administrator: Administrator) -> QuerySet[Session]:
    """Sessions that are open, the one used last first."""
    return Session.objects.filter(
        administrator=administrator, expire_date__gt=timezone.now()
    ).order_by("-seen_at", "session_key")


@transaction.atomic
def end_session(administrator: Administrator, *, actor: Actor, session_id: str) -> None:
    """End one session at once; raises ``SessionNotFound``."""
    for session in list_sessions(administrator):
        if session.public_id == session_id:
            session.delete()
            _record(administrator, actor=actor, ended=1)
            return
    raise SessionNotFound()


@transaction.atomic
def end_other_sessions(administrator: Administrator, *, actor: Actor, keep: str | None) -> int:
    """End all sessions but ``keep`` (a session key); returns how many."""
    ended, _ = list_sessions(administrator).exclude(session_key=keep or "").delete()
    if ended:
        _record(administrator, actor=actor, ended=ended)
    return ended


def _record(administrator: Administrator, *, actor: Actor, ended: int) -> None:
    record(
        AuditAction.SESSION_ENDED,
        actor=actor,
        target=administrator.audit_target,
        details={"sessions": ended},
    )
