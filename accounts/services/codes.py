"""Checking a second factor's code: no code twice, ten wrong ones an hour at most (S49)."""

import time
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from accounts import recovery_codes, replica, totp
from accounts.models import Administrator, Authenticator
from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record


class Verdict(StrEnum):
    """What became of a code; only ``WRONG`` counts against its owner."""

    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"
    """Right, but not for the first time: a double click, or somebody who looked on."""
    BLOCKED = "blocked"


@transaction.atomic
def judge_code(administrator: Administrator, *, actor: Actor, code: str) -> Verdict:
    """Accept a code of the authenticator or a recovery code, once.

    The row is locked meanwhile, so that of two logins with one code one succeeds.
    """
    authenticator = _locked(administrator)
    if authenticator is None:
        return Verdict.WRONG
    if authenticator.is_blocked:
        return Verdict.BLOCKED
    authenticator.forgive_old_failures()
    verdict = _judge(authenticator, code="".join(code.split()), actor=actor)
    _count(authenticator, verdict)
    return verdict


def _locked(administrator: Administrator) -> Authenticator | None:
    found: Authenticator | None = (
        Authenticator.objects.select_for_update().filter(user=administrator, confirmed=True).first()
    )
    return found


def _judge(authenticator: Authenticator, *, code: str, actor: Actor) -> Verdict:
    if not (code.isascii() and code.isdigit() and len(code) == totp.DIGITS):
        return _judge_recovery_code(authenticator, code=code, actor=actor)
    step = totp.matching_step(authenticator.key, code, now=time.time())
    if step is None:
        return Verdict.WRONG
    if step <= authenticator.last_step:
        return Verdict.USED
    authenticator.last_step = step
    return Verdict.RIGHT


def _judge_recovery_code(authenticator: Authenticator, *, code: str, actor: Actor) -> Verdict:
    digest = recovery_codes.digest(code)
    deleted, _ = authenticator.recovery_codes.filter(digest=digest).delete()
    if not deleted:
        return Verdict.WRONG
    record(
        AuditAction.RECOVERY_CODE_USED,
        actor=actor,
        target=authenticator.user.audit_target,
        details={"left": authenticator.recovery_codes.count()},
    )
    replica.changed()
    return Verdict.RIGHT


def _count(authenticator: Authenticator, verdict: Verdict) -> None:
    if verdict == Verdict.RIGHT:
        authenticator.failures, authenticator.failed_at = 0, None
    if verdict == Verdict.WRONG:
        authenticator.failures += 1
        authenticator.failed_at = timezone.now()
    authenticator.save(update_fields=["last_step", "failures", "failed_at"])
