"""Changing one's own password, and giving another person a new one (S48, S53)."""

from axes.utils import reset as forgive_failures
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import replica
from accounts.errors import CannotResetSelf, WrongPassword
from accounts.guesses import request_of, try_password
from accounts.models import Administrator
from accounts.passwords import check_acceptable, draw_one_time_password
from accounts.services.credentials import Credential, end_access
from accounts.services.factors import forget_factors
from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import Outcome
from audit.services import record


def check_own_password(
    administrator: Administrator, *, actor: Actor, password: str, field: str
) -> None:
    """Raise ``WrongPassword`` unless ``password`` is the person's own; a refusal is recorded.

    It counts as a failed login does: whoever found a session open guesses no better than a stranger
    (``TooManyAttempts``).
    """
    if try_password(request_of(actor), username=administrator.username, password=password):
        return
    record(
        AuditAction.PASSWORD_REFUSED,
        actor=actor,
        target=administrator.audit_target,
        outcome=Outcome.DENIED,
    )
    raise WrongPassword(field=field)


def change_own_password(
    administrator: Administrator,
    *,
    actor: Actor,
    current_password: str,
    new_password: str,
    keep: Credential | None = None,
) -> None:
    """Set a new password (S48); ends every session and token but the one to ``keep``.

    Raises ``WrongPassword`` or ``PasswordNotAcceptable``, each naming the field.
    """
    check_own_password(
        administrator, actor=actor, password=current_password, field="current_password"
    )
    check_acceptable(new_password, administrator, field="new_password")
    hashed = make_password(new_password)  # before the database is locked: it takes its time
    with transaction.atomic():
        _set_password(administrator, hashed, must_change=False)
        end_access(administrator, keep=keep)
        record(AuditAction.PASSWORD_CHANGED, actor=actor, target=administrator.audit_target)
        replica.changed()


def reset_password(
    administrator: Administrator,
    *,
    actor: Actor,
    password: str | None = None,
    disable_two_factor: bool = False,
) -> str:
    """Give ``password`` or a drawn one, to be changed at the next login (S53, S54); returns it.

    Ends every session and token, and forgives failed attempts. Raises ``CannotResetSelf`` or
    ``PasswordNotAcceptable``.
    """
    if actor.is_self(administrator.username):
        raise CannotResetSelf()
    if password is None:
        password = draw_one_time_password()
    else:
        check_acceptable(password, administrator, field="password")
    hashed = make_password(password)
    with transaction.atomic():
        _set_password(administrator, hashed, must_change=True)
        if disable_two_factor:
            forget_factors(administrator)
        unlock(administrator)
        end_access(administrator)
        record(
            AuditAction.PASSWORD_RESET,
            actor=actor,
            target=administrator.audit_target,
            details={"two_factor_disabled": disable_two_factor},
        )
        replica.changed()
    return password


@transaction.atomic
def disable_two_factor(administrator: Administrator, *, actor: Actor) -> None:
    """Switch another person's second factor off, whose device is lost; ends sessions and tokens."""
    forget_factors(administrator)
    unlock(administrator)
    end_access(administrator)
    record(AuditAction.TOTP_DISABLED, actor=actor, target=administrator.audit_target)
    replica.changed()


def unlock(administrator: Administrator) -> None:
    """Forget wrong passwords and codes."""
    forgive_failures(username=administrator.username)
    Administrator.objects.filter(pk=administrator.pk).update(wrong_codes=0, wrong_code_at=None)


def _set_password(administrator: Administrator, hashed: str, *, must_change: bool) -> None:
    administrator.password = hashed
    administrator.must_change_password = must_change
    administrator.save(update_fields=["password", "must_change_password"])
