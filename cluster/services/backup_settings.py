"""Changing how the cluster is backed up (S27)."""

import secrets
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Administrator
from accounts.passwords import check_acceptable
from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster import follow_ups, state
from cluster.backup.depots import open_depot, probe
from cluster.backup.destinations import Destination, Kind, parse
from cluster.backup.replica import close_secret
from cluster.errors.backup import (
    BackupDestinationFailed,
    BackupDestinationInvalid,
    BackupDestinationKnown,
    BackupDestinationNotFound,
    BackupDestinationUnusable,
    BackupSettingInvalid,
    TooManyBackupDestinations,
)
from cluster.models import BackupDestination, BackupPassword, BackupSettings, FollowUp
from cluster.services.queries import lock_cluster, require_cluster
from config.encryption import encrypt

MOST_DESTINATIONS = 8
MOST = {"keep_last": 1_000, "keep_days": 3_650}
PROBE_SECONDS = 20.0


class Changes(TypedDict, total=False):
    """What can be changed."""

    daily_at: time | None
    """UTC; None for never."""
    keep_last: int
    keep_days: int | None
    """None for no such rule."""
    with_audit: bool


FIELDS = tuple(Changes.__annotations__)


def set_password(
    password: str, *, actor: Actor, administrator: Administrator | None = None
) -> None:
    """Keep the password on this leader, encrypted by its key; settles what asked for it.

    Raises ``PasswordNotAcceptable``, ``ClusterNotCreated``.
    """
    require_cluster()
    check_acceptable(password, administrator or Administrator(), field="password")
    with transaction.atomic():
        now = timezone.now()
        kept = {"encrypted": encrypt(password), "set_at": now}
        BackupPassword.objects.update_or_create(pk=1, defaults=kept)
        kept_by, _ = BackupSettings.objects.update_or_create(
            pk=1, defaults={"password_set_at": now}
        )
        follow_ups.settle_by_system(FollowUp.Kind.BACKUP_PASSWORD)
        state.bump()
        record(AuditAction.BACKUP_PASSWORD_SET, actor=actor, target=kept_by.audit_target)


@transaction.atomic
def change_settings(*, actor: Actor, **wanted: Unpack[Changes]) -> BackupSettings:
    """Change what is given; the rest stays.

    Raises ``BackupSettingInvalid``, ``ClusterNotCreated``.
    """
    require_cluster()
    row, _ = BackupSettings.objects.select_for_update().get_or_create(pk=1)
    values: dict[str, Any] = {**wanted}
    for name, most in MOST.items():
        _check_range(name, values.get(name), most=most)
    changes = {
        name: {"from": _shown(getattr(row, name)), "to": _shown(value)}
        for name, value in values.items()
        if getattr(row, name) != value
    }
    if changes:
        BackupSettings.objects.filter(pk=1).update(**{name: values[name] for name in changes})
        state.bump()
        target = row.audit_target
        record(AuditAction.BACKUP_SETTINGS_CHANGED, actor=actor, target=target, details=changes)
        row.refresh_from_db()
    return row


def add_destination(kind: str, values: Mapping[str, object], *, actor: Actor) -> BackupDestination:
    """Try the destination from this leader, and keep it if that works.

    Raises ``BackupDestinationInvalid``, ``BackupDestinationKindUnknown``, ``RcloneMissing``,
    ``BackupDestinationUnusable``, ``BackupDestinationKnown``, ``TooManyBackupDestinations``.
    """
    require_cluster()
    wanted = parse(kind, values)
    _check_new(wanted)
    _try(wanted)
    with transaction.atomic():
        lock_cluster()
        _check_new(wanted)
        made = BackupDestination.objects.create(
            kind=wanted.kind, settings=dict(wanted.settings), secret=close_secret(wanted.secret)
        )
        state.bump()
        _record(AuditAction.BACKUP_DESTINATION_ADDED, made, actor=actor)
    return made


@transaction.atomic
def remove_destination(destination: BackupDestination, *, actor: Actor) -> None:
    """Send nothing there any more; what is there stays there."""
    if not BackupDestination.objects.filter(pk=destination.pk).delete()[0]:
        raise BackupDestinationNotFound
    state.bump()
    _record(AuditAction.BACKUP_DESTINATION_REMOVED, destination, actor=actor)


def find_destination(destination_id: UUID) -> BackupDestination:
    """Raises ``BackupDestinationNotFound``."""
    found = BackupDestination.objects.filter(pk=destination_id).first()
    if found is None:
        raise BackupDestinationNotFound
    return found


def _check_range(field: str, value: int | None, *, most: int) -> None:
    if value is not None and not 1 <= value <= most:
        problem = f"Give a number from 1 to {most}."
        raise BackupSettingInvalid(field=field, problem=problem)


def _check_new(wanted: Destination) -> None:
    """Two deliveries to one place would be in each other's way."""
    known = [each.place for each in BackupDestination.objects.all()]
    if wanted.place in known:
        raise BackupDestinationKnown(place=wanted.place)
    if len(known) >= MOST_DESTINATIONS:
        raise TooManyBackupDestinations(count=MOST_DESTINATIONS)


def _try(wanted: Destination) -> None:
    """Put a small file there, list it and remove it: now, from here."""
    if wanted.kind == Kind.LOCAL:
        _check_elsewhere(Path(wanted.settings["path"]))
    with TemporaryDirectory(prefix="flotilla-probe-") as folder:
        file = Path(folder) / f"flotilla-probe-{secrets.token_hex(4)}.txt"
        file.write_text("Flotilla has tried whether backups can be kept here.\n")
        try:
            probe(open_depot(wanted, seconds=PROBE_SECONDS), file=file)
        except BackupDestinationFailed as failed:
            problem = f"{wanted.place}: {failed.detail}"
            raise BackupDestinationUnusable(problem=problem) from None


def _check_elsewhere(path: Path) -> None:
    """What lies beside the original is lost with it."""
    if path.resolve().is_relative_to(Path(settings.STATE_DIR).resolve()):
        problem = (
            "This is Flotilla's own directory: it would be lost with what it shall bring back."
        )
        raise BackupDestinationInvalid(field="path", problem=problem)


def _shown(value: object) -> object:
    return value.isoformat("minutes") if isinstance(value, time) else value


def _record(action: AuditAction, destination: BackupDestination, *, actor: Actor) -> None:
    record(
        action,
        actor=actor,
        target=BackupSettings.load().audit_target,
        details={"kind": destination.kind, "place": destination.place},
    )
