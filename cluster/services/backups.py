"""Backing up, now and by the clock, and what has become of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster.backup import place
from cluster.backup.jobs import stop_all
from cluster.errors.backup import BackupPasswordMissing, NoBackupYet
from cluster.errors.operations import OperationInProgress
from cluster.models import BackupPassword, BackupSettings, Operation
from cluster.services.operations import open_operation
from cluster.services.queries import require_cluster

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@transaction.atomic
def request_backup(*, actor: Actor) -> Operation:
    """Accept a backup; raises ``BackupPasswordMissing``, ``OperationInProgress``,
    ``ClusterNotCreated``.
    """
    require_cluster()
    if not BackupPassword.objects.exists():
        raise BackupPasswordMissing
    return _open(actor)


@transaction.atomic
def begin_scheduled(now: datetime) -> Operation | None:
    """Begin the backup that is due, once, also when its time has passed; None if none is.

    Without a password it begins all the same, and fails: loudly.
    """
    settings = BackupSettings.load()
    slot = find_slot(settings, now)
    if slot is None:
        return None
    is_unserved = Q(served_at=None) | Q(served_at__lt=slot) | Q(served_at__gt=now)
    unserved = BackupSettings.objects.filter(is_unserved, pk=1)
    if not unserved.update(served_at=slot):
        return None
    try:
        return _open(Actor.system(), scheduled=True)
    except OperationInProgress:  # somebody has asked for one just now: it will do
        return None


def find_slot(settings: BackupSettings, now: datetime) -> datetime | None:
    """The last scheduled moment, if there was one since backup was set up, and it is unserved.

    What was done by a clock that was ahead counts as never done, or nothing would be done until
    then.
    """
    if settings.daily_at is None or settings.password_set_at is None:
        return None
    today = now.replace(
        hour=settings.daily_at.hour, minute=settings.daily_at.minute, second=0, microsecond=0
    )
    slot = today if today <= now else today - DAY
    is_served = settings.served_at is not None and slot <= settings.served_at <= now
    is_too_early = slot < settings.password_set_at <= now
    return None if is_served or is_too_early else slot


def _open(actor: Actor, *, scheduled: bool = False) -> Operation:
    parameters = {"scheduled": scheduled}
    operation = open_operation(Operation.Kind.BACKUP, actor=actor, parameters=parameters)
    record(
        AuditAction.BACKUP_REQUESTED,
        actor=actor,
        target=BackupSettings.load().audit_target,
        operation=operation.pk,
        details=parameters,
    )
    return operation


def clear_leftovers(*, leads: bool) -> None:
    """What crashes have left of backups, and the end of this node's leadership."""
    runs = Operation.objects.open().filter(kind=Operation.Kind.BACKUP)
    going_on = {str(pk) for pk in runs.values_list("pk", flat=True)} if leads else set[str]()
    for work in place.find_work():
        if work.name not in going_on:
            stop_all(work)
            place.clear_work(UUID(work.name))
    place.clear_leftovers(timezone.now() - HOUR)


def forget_password() -> None:
    """A node that leads no more has no use for it."""
    BackupPassword.objects.all().delete()


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One that is on this machine."""

    path: Path
    size: int
    made_at: datetime


def find_file() -> BackupFile | None:
    """The newest backup of this cluster on this machine."""
    path = place.find_last(require_cluster().backup_prefix)
    if path is None:
        return None
    status = path.stat()
    made_at = datetime.fromtimestamp(status.st_mtime, tz=timezone.get_current_timezone())
    return BackupFile(path, status.st_size, made_at)


def take_file(*, actor: Actor) -> BackupFile:
    """The newest one, to be given away; raises ``NoBackupYet``."""
    found = find_file()
    if found is None:
        raise NoBackupYet
    with transaction.atomic():
        details: dict[str, Any] = {"file": found.path.name, "size": found.size}
        target = BackupSettings.load().audit_target
        record(AuditAction.BACKUP_DOWNLOADED, actor=actor, target=target, details=details)
    return found


def find_last_run() -> Operation | None:
    """The newest backup that was tried on this leader and has ended, well or badly."""
    ended = Operation.objects.filter(kind=Operation.Kind.BACKUP).exclude(ended_at=None)
    return ended.order_by("-created_at").first()


def find_open_run() -> Operation | None:
    """The backup that is going on."""
    return Operation.objects.open().filter(kind=Operation.Kind.BACKUP).first()
