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

    The person is locked meanwhile, so that of two logins with one code one succeeds.
    """
    person = Administrator.objects.select_for_update().filter(pk=administrator.pk).first()
    if person is None or not person.two_factor:
        return Verdict.WRONG
    if person.is_blocked:
        return Verdict.BLOCKED
    person.forgive_old_codes()
    verdict = _judge(person, code="".join(code.split()), actor=actor)
    _count(person, verdict)
    return verdict


def _judge(person: Administrator, *, code: str, actor: Actor) -> Verdict:
    if not (code.isascii() and code.isdigit() and len(code) == totp.DIGITS):
        return _judge_recovery_code(person, code=code, actor=actor)
    authenticator = Authenticator.objects.filter(user=person, confirmed=True).first()
    return Verdict.WRONG if authenticator is None else _judge_totp(authenticator, code=code)


def _judge_totp(authenticator: Authenticator, *, code: str) -> Verdict:
    step = totp.matching_step(authenticator.key, code, now=time.time())
    if step is None:
        return Verdict.WRONG
    if step <= authenticator.last_step:
        return Verdict.USED
    authenticator.last_step = step
    authenticator.save(update_fields=["last_step"])
    return Verdict.RIGHT


def _judge_recovery_code(person: Administrator, *, code: str, actor: Actor) -> Verdict:
    digest = recovery_codes.digest(code)
    deleted, _ = person.recovery_codes.filter(digest=digest).delete()
    if not deleted:
        return Verdict.WRONG
    record(
        AuditAction.RECOVERY_CODE_USED,
        actor=actor,
        target=person.audit_target,
        details={"left": person.recovery_codes.count()},
    )
    replica.changed()
    return Verdict.RIGHT


def _count(person: Administrator, verdict: Verdict) -> None:
    if verdict == Verdict.RIGHT:
        person.wrong_codes, person.wrong_code_at = 0, None
    if verdict == Verdict.WRONG:
        person.wrong_codes += 1
        person.wrong_code_at = timezone.now()
    person.save(update_fields=["wrong_codes", "wrong_code_at"])
