"""What the access rule refuses, in the audit trail, which a program that goes on asking cannot
fill.
"""

from contextlib import suppress
from functools import partial

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.actors import actor_from
from accounts.counting import flush, tell_or_count
from accounts.errors import NetworkNotAllowed, ReadOnlyAccess
from accounts.models import RefusedAccess
from audit.actions import AuditAction
from audit.actor import Actor, ActorKind
from audit.errors import AuditUnavailable
from audit.models import Outcome
from audit.services import record
from config.errors import DomainError

TOLD = (ReadOnlyAccess, NetworkNotAllowed)
"""The others ask for something that whoever comes can give: a code, a password, a fresh proof."""


def note_denial(request: HttpRequest | Request, refused: DomainError) -> None:
    """Tell of it, or count it; the refusal stands even if it cannot be told."""
    if not isinstance(refused, TOLD):
        return
    actor, code = actor_from(request), refused.code
    details = {"code": code, "method": str(request.method), "path": request.path[:200]}
    tell = partial(_record, actor=actor, details=details)
    with suppress(AuditUnavailable):
        tell_or_count(RefusedAccess, actor=actor, tell=tell, about={"code": code})


def flush_denials() -> None:
    """Write what was counted and is told by no event yet, and forget what is over."""
    flush(RefusedAccess, tell=_record_rest)


def _record_rest(row: RefusedAccess) -> None:
    details = {"code": row.code, "reason": "repeated"}
    _record(row.more, actor=row.actor(ActorKind.ADMINISTRATOR), details=details)


def _record(attempts: int, *, actor: Actor, details: dict[str, str]) -> None:
    record(
        AuditAction.ACCESS_DENIED,
        actor=actor,
        outcome=Outcome.DENIED,
        details={**details, "attempts": attempts},
    )
