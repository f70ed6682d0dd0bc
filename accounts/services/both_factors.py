"""Password and second factor at once, for what changes either (S50)."""

from accounts.errors import PasskeyNotAccepted, TotpNotEnabled, WrongCode
from accounts.models import Administrator
from accounts.services.codes import Verdict, judge_code
from accounts.services.passwords import check_own_password
from accounts.webauthn.answers import Answer, accept_proof, claim
from accounts.webauthn.challenges import Purpose
from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import Outcome
from audit.services import record


def prove_both(
    administrator: Administrator,
    *,
    actor: Actor,
    password: str,
    otp: str = "",
    passkey: Answer | None = None,
) -> None:
    """Password, and a code or a passkey, once more."""
    if not administrator.two_factor:
        raise TotpNotEnabled()
    check_own_password(administrator, actor=actor, password=password, field="password")
    if passkey is not None:
        _prove_passkey(administrator, actor=actor, answer=passkey)
    elif not otp or judge_code(administrator, actor=actor, code=otp) != Verdict.RIGHT:
        refuse_code(administrator, actor=actor)
        raise WrongCode(field="otp")


def _prove_passkey(administrator: Administrator, *, actor: Actor, answer: Answer) -> None:
    try:
        accept_proof(claim(administrator, answer=answer, purpose=Purpose.PROVE))
    except PasskeyNotAccepted as refused:
        record_refusal(administrator, actor=actor, refused=refused)
        raise


def record_refusal(
    administrator: Administrator, *, actor: Actor, refused: PasskeyNotAccepted
) -> None:
    """Say in the trail why, which the person is not told."""
    record(
        AuditAction.PASSKEY_REFUSED,
        actor=actor,
        target=administrator.audit_target,
        outcome=Outcome.DENIED,
        details={"reason": refused.reason, "passkey": refused.passkey},
    )


def refuse_code(administrator: Administrator, *, actor: Actor) -> None:
    """Say in the trail that a code was wrong."""
    record(
        AuditAction.TOTP_REFUSED,
        actor=actor,
        target=administrator.audit_target,
        outcome=Outcome.DENIED,
    )
