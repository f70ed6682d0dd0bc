"""What the access rule refuses, in the audit trail: one event a minute for each account, address
and reason, with a count.
"""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts.actors import actor_from
from accounts.errors import NetworkNotAllowed, ReadOnlyAccess
from accounts.models import RefusedAccess
from audit.actions import AuditAction
from audit.actor import Actor, ActorKind, Interface
from audit.errors import AuditUnavailable
from audit.models import Outcome
from audit.services import record
from config.errors import DomainError

WINDOW = timedelta(minutes=1)
TOLD = (ReadOnlyAccess, NetworkNotAllowed)
"""The others ask for something that whoever comes can give: a code, a password, a fresh proof."""


def note_denial(request: HttpRequest | Request, refused: DomainError) -> None:
    """Tell of it, or count it; the refusal stands even if it cannot be told."""
    if isinstance(refused, TOLD):
        with suppress(AuditUnavailable):
            _note(actor_from(request), refused, method=str(request.method), path=request.path)


@transaction.atomic
def _note(actor: Actor, refused: DomainError, *, method: str, path: str) -> None:
    now = timezone.now()
    row, is_first = RefusedAccess.objects.select_for_update().get_or_create(
        username=actor.name,
        source=actor.source or "",
        code=refused.code,
        defaults={"since": now, "interface": actor.interface},
    )
    row.more += 1
    if is_first or now - row.since >= WINDOW:
        details = {"code": refused.code, "method": method, "path": path[:200]}
        _record(row, actor=actor, details=details)
        row.since, row.more = now, 0
    row.save()


def flush_denials() -> None:
    """Write what was counted and is told by no event yet, and forget what is over."""
    for pk in RefusedAccess.objects.filter(since__lte=timezone.now() - WINDOW).values_list("pk"):
        _flush(*pk)


@transaction.atomic
def _flush(pk: int) -> None:
    row = RefusedAccess.objects.select_for_update().filter(pk=pk).first()
    if row is None or timezone.now() - row.since < WINDOW:
        return
    if row.more:
        _record(row, actor=_remembered(row), details={"code": row.code, "reason": "repeated"})
    row.delete()


def _record(row: RefusedAccess, *, actor: Actor, details: dict[str, str]) -> None:
    record(
        AuditAction.ACCESS_DENIED,
        actor=actor,
        outcome=Outcome.DENIED,
        details={**details, "attempts": row.more},
    )


def _remembered(row: RefusedAccess) -> Actor:
    return Actor(
        name=row.username,
        kind=ActorKind.ADMINISTRATOR,
        interface=Interface(row.interface),
        source=row.source or None,
    )
