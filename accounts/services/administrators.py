"""Making, changing and deleting administrators (S42 to S47)."""

from collections.abc import Iterable, Mapping

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import replica
from accounts.errors import (
    AdministratorNotFound,
    CannotDeleteSelf,
    InvalidUsername,
    LastAdministrator,
    NetworkLocksOut,
    UsernameTaken,
)
from accounts.models import Administrator
from accounts.networks import is_allowed, normalise
from accounts.passwords import draw_one_time_password
from accounts.services.credentials import end_access
from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record

ENDS_ACCESS = frozenset({"role", "is_active"})
"""A change of these ends the person's sessions and tokens."""


def create_administrator(
    *,
    actor: Actor,
    username: str,
    full_name: str = "",
    email: str = "",
    role: str = Administrator.Role.ADMINISTRATOR,
    allowed_networks: Iterable[str] = (),
) -> tuple[Administrator, str]:
    """Make an account and its one-time password, which must be changed at the first login (S45).

    Raises ``InvalidUsername``, ``UsernameTaken`` or ``InvalidNetwork``, each naming the field.
    """
    administrator = Administrator(
        username=_checked_username(username),
        full_name=full_name,
        email=email,
        role=role,
        allowed_networks=normalise(allowed_networks),
        must_change_password=True,
    )
    password = draw_one_time_password()
    administrator.password = make_password(password)  # before the database is locked
    with transaction.atomic():
        _insert(administrator)
        record(
            AuditAction.ADMINISTRATOR_CREATED,
            actor=actor,
            target=administrator.audit_target,
            details=_described(administrator),
        )
        replica.changed()
    return administrator, password


@transaction.atomic
def change_administrator(
    administrator: Administrator,
    *,
    actor: Actor,
    full_name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    is_active: bool | None = None,
    allowed_networks: Iterable[str] | None = None,
    language: str | None = None,
) -> Administrator:
    """Change what is given; a new role or state ends the person's sessions and tokens.

    Raises ``LastAdministrator``, ``InvalidNetwork`` or ``NetworkLocksOut``.
    """
    administrator = _locked(administrator)
    before = {**_described(administrator), "language": administrator.language}
    networks = None if allowed_networks is None else normalise(allowed_networks)
    wanted = {
        "full_name": full_name,
        "email": email,
        "role": role,
        "is_active": is_active,
        "allowed_networks": networks,
        "language": language,
    }
    changes = {k: v for k, v in wanted.items() if v is not None and v != before[k]}
    if not changes:
        return administrator
    for name, value in changes.items():
        setattr(administrator, name, value)
    _check_change(administrator, actor=actor, changes=changes)
    administrator.save(update_fields=list(changes))
    if ENDS_ACCESS & changes.keys():
        end_access(administrator)
    record(
        AuditAction.ADMINISTRATOR_CHANGED,
        actor=actor,
        target=administrator.audit_target,
        details={"before": {name: before[name] for name in changes}, "after": changes},
    )
    replica.changed()
    return administrator


@transaction.atomic
def delete_administrator(administrator: Administrator, *, actor: Actor) -> None:
    """Delete an account with its sessions and tokens; what it did stays in the audit trail.

    Raises ``CannotDeleteSelf`` (S46) or ``LastAdministrator``, under any race (S47).
    """
    if actor.is_self(administrator.username):
        raise CannotDeleteSelf()
    administrator = _locked(administrator)
    _check_somebody_else_administers(administrator)
    target, details = administrator.audit_target, _described(administrator)
    administrator.delete()
    record(AuditAction.ADMINISTRATOR_DELETED, actor=actor, target=target, details=details)
    replica.changed()


def _checked_username(username: str) -> str:
    try:
        Administrator._meta.get_field("username").run_validators(username)
    except ValidationError:
        raise InvalidUsername(field="username") from None
    return username


def _insert(administrator: Administrator) -> None:
    try:
        with transaction.atomic():
            administrator.save(force_insert=True)
    except IntegrityError:
        raise UsernameTaken(username=administrator.username, field="username") from None


def _locked(administrator: Administrator) -> Administrator:
    """As it is now, with all accounts locked: the last one is at stake (SQLite locks at BEGIN)."""
    accounts = Administrator.objects.select_for_update().order_by("pk")
    found = {account.pk: account for account in accounts}.get(administrator.pk)
    if found is None:
        raise AdministratorNotFound(username=administrator.username)
    return found


def _check_change(
    administrator: Administrator, *, actor: Actor, changes: Mapping[str, object]
) -> None:
    if ENDS_ACCESS & changes.keys() and not administrator.is_superuser:
        _check_somebody_else_administers(administrator)
    networks = administrator.allowed_networks
    if actor.is_self(administrator.username) and not is_allowed(actor.source, networks):
        raise NetworkLocksOut(address=actor.source, field="allowed_networks")


def _check_somebody_else_administers(administrator: Administrator) -> None:
    others = Administrator.objects.able_to_administer().exclude(pk=administrator.pk)
    if not others.exists():
        raise LastAdministrator(username=administrator.username)


def _described(administrator: Administrator) -> dict[str, object]:
    return {
        "full_name": administrator.full_name,
        "email": administrator.email,
        "role": administrator.role,
        "is_active": administrator.is_active,
        "allowed_networks": administrator.allowed_networks,
    }
