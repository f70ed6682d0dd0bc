"""Failed logins in the audit trail, which strangers cannot fill."""

from functools import partial

from django.db import transaction
from django.db.models import F

from accounts.counting import flush, tell_or_count
from accounts.models import Administrator, FailedLogin
from audit.actions import AuditAction
from audit.actor import Actor, ActorKind
from audit.models import Outcome
from audit.services import record


@transaction.atomic
def record_failed_login(*, actor: Actor, reason: str) -> None:
    """Write an event, or count the attempt until the minute since the last event is over.

    Whose name it is, if it is somebody's, is told how many there were at the next login.
    """
    Administrator.objects.filter(username=actor.name).update(
        failures_since_login=F("failures_since_login") + 1
    )
    tell_or_count(FailedLogin, actor=actor, tell=partial(_record, actor=actor, reason=reason))


def flush_failed_logins() -> None:
    """Write what was counted and is told by no event yet, and forget what is over."""
    flush(FailedLogin, tell=_record_rest)


def _record_rest(row: FailedLogin) -> None:
    _record(row.more, actor=row.actor(ActorKind.STRANGER), reason="repeated")


def _record(attempts: int, *, actor: Actor, reason: str) -> None:
    record(
        AuditAction.LOGIN_FAILED,
        actor=actor,
        outcome=Outcome.DENIED,
        details={"reason": reason, "attempts": attempts},
    )
