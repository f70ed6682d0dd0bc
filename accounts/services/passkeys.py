"""Adding, naming and removing one's own passkeys (S49, S50)."""

from django.db import transaction

from accounts import replica
from accounts.errors import PasskeyNotAccepted, PasskeyNotFound, TooManyPasskeys
from accounts.models import Administrator, Passkey
from accounts.services.both_factors import prove_both, record_refusal
from accounts.services.credentials import Credential, end_access
from accounts.services.factors import device_of, draw_codes, forget_codes_of_nothing
from accounts.webauthn.answers import Answer, accept_new, claim
from accounts.webauthn.challenges import Purpose
from accounts.webauthn.console import Console
from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record

MOST = 20
"""Passkeys of one person: each is named in every question to a browser."""


def find_passkey(administrator: Administrator, *, public_id: str) -> Passkey:
    """One of the person's own; raises ``PasskeyNotFound``."""
    found = administrator.passkeys.filter(credential_id_sha256=public_id).first()
    if not isinstance(found, Passkey):
        raise PasskeyNotFound()
    return found


def add_passkey(
    administrator: Administrator,
    *,
    actor: Actor,
    name: str,
    answer: Answer,
    keep: Credential | None = None,
) -> tuple[Passkey, list[str]]:
    """Take a new passkey; with the first factor of all, recovery codes are made (S51).

    Returns the codes, which are shown once, or none. Every session and token but the one to
    ``keep`` ends. Raises ``PasskeysNeedName``, ``TooManyPasskeys`` or ``PasskeyNotAccepted``.
    """
    check_can_add(administrator, console=answer.console)
    try:
        return _add(administrator, actor=actor, name=name, answer=answer, keep=keep)
    except PasskeyNotAccepted as refused:
        record_refusal(administrator, actor=actor, refused=refused)
        raise


def check_can_add(administrator: Administrator, *, console: Console) -> None:
    """Raise what stands against any further passkey, here and now."""
    if console.problem is not None:
        raise console.problem
    if administrator.passkeys.count() >= MOST:
        raise TooManyPasskeys(count=MOST)


@transaction.atomic
def rename_passkey(passkey: Passkey, *, actor: Actor, name: str) -> Passkey:
    """Call it otherwise."""
    before, passkey.name = passkey.name, name
    passkey.save(update_fields=["name"])
    record(
        AuditAction.PASSKEY_RENAMED,
        actor=actor,
        target=passkey.audit_target,
        details={"before": {"name": before}, "after": {"name": name}},
    )
    replica.changed()
    return passkey


def remove_passkey(
    passkey: Passkey,
    *,
    actor: Actor,
    password: str,
    otp: str = "",
    answer: Answer | None = None,
    keep: Credential | None = None,
) -> None:
    """Accept it no more; with the last factor the recovery codes go too.

    Needs password, and a code or any passkey. Every session and token but the one to ``keep`` ends.
    Raises ``WrongPassword``, ``WrongCode`` or ``PasskeyNotAccepted``.
    """
    administrator, target = passkey.user, passkey.audit_target
    prove_both(administrator, actor=actor, password=password, otp=otp, passkey=answer)
    with transaction.atomic():
        passkey.delete()
        forget_codes_of_nothing(administrator)
        end_access(administrator, keep=keep)
        left = {"two_factor": device_of(administrator) is not None}
        record(AuditAction.PASSKEY_REMOVED, actor=actor, target=target, details=left)
        replica.changed()


def _add(
    administrator: Administrator,
    *,
    actor: Actor,
    name: str,
    answer: Answer,
    keep: Credential | None,
) -> tuple[Passkey, list[str]]:
    """The challenge is spent whatever comes of the answer, so that is no part of the change."""
    claimed = claim(administrator, answer=answer, purpose=Purpose.ADD)
    with transaction.atomic():
        is_first = device_of(administrator) is None
        made = accept_new(claimed, name=name)
        codes = draw_codes(administrator) if is_first else []
        end_access(administrator, keep=keep)
        record(
            AuditAction.PASSKEY_ADDED,
            actor=actor,
            target=made.audit_target,
            details={"bound_to": made.rp_id},
        )
        replica.changed()
    return made, codes
