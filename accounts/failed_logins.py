"""Failed logins in the audit trail: one event a minute for each name and address, with a count."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Administrator, FailedLogin
from audit.actions import AuditAction
from audit.actor import Actor, ActorKind, Interface
from audit.models import Outcome
from audit.services import record

WINDOW = timedelta(minutes=1)


@transaction.atomic
def record_failed_login(*, actor: Actor, reason: str) -> None:
    """Write an event, or count the attempt until the minute since the last event is over.

    Whose name it is, if it is somebody's, is told how many there were at the next login.
    """
    Administrator.objects.filter(username=actor.name).update(
        failures_since_login=F("failures_since_login") + 1
    )
    now = timezone.now()
    row, is_first = FailedLogin.objects.select_for_update().get_or_create(
        username=actor.name,
        source=actor.source or "",
        defaults={"since": now, "interface": actor.interface},
    )
    row.more += 1
    if is_first or now - row.since >= WINDOW:
        _record(row, actor=actor, reason=reason)
        row.since, row.more = now, 0
    row.save()


def flush_failed_logins() -> None:
    """Write what was counted and is told by no event yet, and forget what is over."""
    for pk in FailedLogin.objects.filter(since__lte=timezone.now() - WINDOW).values_list("pk"):
        _flush(*pk)


@transaction.atomic
def _flush(pk: int) -> None:
    row = FailedLogin.objects.select_for_update().filter(pk=pk).first()
    if row is None or timezone.now() - row.since < WINDOW:
        return
    if row.more:
        _record(row, actor=_remembered(row), reason="repeated")
    row.delete()


def _record(row: FailedLogin, *, actor: Actor, reason: str) -> None:
    record(
        AuditAction.LOGIN_FAILED,
        actor=actor,
        outcome=Outcome.DENIED,
        details={"reason": reason, "attempts": row.more},
    )


def _remembered(row: FailedLogin) -> Actor:
    return Actor(
        name=row.username,
        kind=ActorKind.STRANGER,
        interface=Interface(row.interface),
        source=row.source or None,
    )
