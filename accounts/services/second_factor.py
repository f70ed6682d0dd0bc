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
from accounts.services.both_factors import prove_both, refuse_code
from accounts.services.credentials import Credential, end_access
from accounts.services.factors import (
    device_of,
    draw_codes,
    forget_codes_of_nothing,
    has_application,
)
from accounts.services.passwords import check_own_password
from accounts.webauthn.answers import Answer
from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record


def begin_totp(
    administrator: Administrator,
    *,
    actor: Actor,
    password: str,
    otp: str = "",
    passkey: Answer | None = None,
) -> Authenticator:
    """Draw a key that waits for its first code; a key that waited before is void.

    Whoever has passkeys proves one of them, or gives a recovery code. Raises
    ``TotpAlreadyEnabled``, ``WrongPassword``, ``WrongCode`` or ``PasskeyNotAccepted``.
    """
    if has_application(administrator):
        raise TotpAlreadyEnabled()
    if administrator.two_factor:
        prove_both(administrator, actor=actor, password=password, otp=otp, passkey=passkey)
    else:
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
) -> list[str]:
    """Switch the second factor on, now that a code shows that the application has the key (S51).

    Returns the recovery codes, which are shown once; none where there are passkeys, and so codes.
    Every session and token but the one to ``keep`` ends. Raises ``TotpNotStarted`` or
    ``WrongCode``.
    """
    with transaction.atomic():
        authenticator = _waiting(administrator)
        code = "".join(otp.split())
        step = totp.matching_step(authenticator.key, code, now=time.time())
        if step is not None:
            return _enable(authenticator, actor=actor, step=step, keep=keep)
    refuse_code(administrator, actor=actor)
    raise WrongCode(field="otp")


def disable_totp(
    administrator: Administrator,
    *,
    actor: Actor,
    password: str,
    otp: str = "",
    passkey: Answer | None = None,
    keep: Credential | None = None,
) -> None:
    """Forget the application; without passkeys the second factor is off then, else they remain.

    Raises ``TotpNotEnabled``, ``WrongPassword``, ``WrongCode`` or ``PasskeyNotAccepted``.
    """
    if not has_application(administrator):
        raise TotpNotEnabled()
    prove_both(administrator, actor=actor, password=password, otp=otp, passkey=passkey)
    with transaction.atomic():
        Authenticator.objects.filter(user=administrator).delete()
        forget_codes_of_nothing(administrator)
        end_access(administrator, keep=keep)
        record(_forgotten(administrator), actor=actor, target=administrator.audit_target)
        replica.changed()


def renew_recovery_codes(
    administrator: Administrator,
    *,
    actor: Actor,
    password: str,
    otp: str = "",
    passkey: Answer | None = None,
) -> list[str]:
    """Ten new recovery codes; the old ones are void.

    Raises ``TotpNotEnabled``, ``WrongPassword``, ``WrongCode`` or ``PasskeyNotAccepted``.
    """
    prove_both(administrator, actor=actor, password=password, otp=otp, passkey=passkey)
    with transaction.atomic():
        codes = draw_codes(administrator)
        record(AuditAction.RECOVERY_CODES_RENEWED, actor=actor, target=administrator.audit_target)
        replica.changed()
    return codes


def _forgotten(administrator: Administrator) -> AuditAction:
    """What it means that the application is gone."""
    left = device_of(administrator)
    return AuditAction.TOTP_DISABLED if left is None else AuditAction.TOTP_REMOVED


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
