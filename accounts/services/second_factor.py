"""Switching the second factor on and off (S50, S51)."""

import time

from django.db import transaction

from accounts import replica, totp
from accounts.errors import (
    TotpAlreadyEnabled,
    TotpNotEnabled,
    TotpNotStarted,
    WrongCode,
)
from accounts.models import Administrator, Authenticator
from accounts.services.codes import Verdict, judge_code
from accounts.services.credentials import Credential, end_access
from accounts.services.factors import draw_codes, forget_codes_of_nothing
from accounts.services.passwords import check_own_password
from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import Outcome
from audit.services import record


def begin_totp(administrator: Administrator, *, actor: Actor, password: str) -> Authenticator:
    """Draw a key that waits for its first code; a key that waited before is void.

    Raises ``TotpAlreadyEnabled`` or ``WrongPassword``.
    """
    if administrator.two_factor:
        raise TotpAlreadyEnabled()
    check_own_password(administrator, actor=actor, password=password, field="password")
    with transaction.atomic():
        Authenticator.objects.filter(user=administrator, confirmed=False).delete()
        authenticator = Authenticator(user=administrator, name="default", confirmed=False)
        authenticator.set_new_key()
        authenticator.save()
        record(AuditAction.TOTP_STARTED, actor=actor, target=administrator.audit_target)
    return authenticator


def confirm_totp(
    administrator: Administrator, *, actor: Actor, otp: str, keep: Credential | None = None
) -> tuple[Authenticator, list[str]]:
    """Switch the second factor on, now that a code shows that the application has the key (S51).

    Returns the recovery codes, which are shown once. Every session and token but the one to
    ``keep`` ends. Raises ``TotpNotStarted`` or ``WrongCode``.
    """
    with transaction.atomic():
        authenticator = _waiting(administrator)
        code = "".join(otp.split())
        step = totp.matching_step(authenticator.key, code, now=time.time())
        if step is not None:
            return authenticator, _enable(authenticator, actor=actor, step=step, keep=keep)
    _refuse_code(administrator, actor=actor)
    raise WrongCode(field="otp")


def disable_totp(
    administrator: Administrator,
    *,
    actor: Actor,
    password: str,
    otp: str,
    keep: Credential | None = None,
) -> None:
    """Switch the second factor off; needs password and code.

    Raises ``TotpNotEnabled``, ``WrongPassword`` or ``WrongCode``.
    """
    prove_both(administrator, actor=actor, password=password, otp=otp)
    with transaction.atomic():
        Authenticator.objects.filter(user=administrator).delete()
        forget_codes_of_nothing(administrator)
        end_access(administrator, keep=keep)
        record(AuditAction.TOTP_DISABLED, actor=actor, target=administrator.audit_target)
        replica.changed()


def renew_recovery_codes(
    administrator: Administrator, *, actor: Actor, password: str, otp: str
) -> list[str]:
    """Ten new recovery codes; the old ones are void.

    Raises ``TotpNotEnabled``, ``WrongPassword`` or ``WrongCode``.
    """
    prove_both(administrator, actor=actor, password=password, otp=otp)
    with transaction.atomic():
        codes = draw_codes(administrator)
        record(AuditAction.RECOVERY_CODES_RENEWED, actor=actor, target=administrator.audit_target)
        replica.changed()
    return codes


def prove_both(administrator: Administrator, *, actor: Actor, password: str, otp: str) -> None:
    """Password and code, once more."""
    if not administrator.two_factor:
        raise TotpNotEnabled()
    check_own_password(administrator, actor=actor, password=password, field="password")
    if judge_code(administrator, actor=actor, code=otp) != Verdict.RIGHT:
        _refuse_code(administrator, actor=actor)
        raise WrongCode(field="otp")


def _waiting(administrator: Administrator) -> Authenticator:
    found: Authenticator | None = (
        Authenticator.objects.select_for_update()
        .filter(user=administrator, confirmed=False)
        .first()
    )
    if found is None:
        raise TotpNotStarted()
    return found


def _enable(
    authenticator: Authenticator, *, actor: Actor, step: int, keep: Credential | None
) -> list[str]:
    administrator: Administrator = authenticator.user
    had_one = administrator.two_factor
    authenticator.confirmed, authenticator.last_step = True, step
    authenticator.save()
    codes = [] if had_one else draw_codes(administrator)
    end_access(administrator, keep=keep)
    record(AuditAction.TOTP_ENABLED, actor=actor, target=administrator.audit_target)
    replica.changed()
    return codes


def _refuse_code(administrator: Administrator, *, actor: Actor) -> None:
    record(
        AuditAction.TOTP_REFUSED,
        actor=actor,
        target=administrator.audit_target,
        outcome=Outcome.DENIED,
    )
