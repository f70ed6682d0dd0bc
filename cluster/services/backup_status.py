"""How the cluster is backed up, and how that went, for whoever looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from cluster.models import BackupDestination, BackupPassword, BackupSettings, Operation
from cluster.services import backups
from cluster.services.backups import DAY, BackupFile, find_slot
from cluster.services.queries import require_cluster

TOO_OLD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """All that the page and the API show."""

    settings: BackupSettings
    password_set: bool
    destinations: list[BackupDestination]
    next_at: datetime | None
    is_overdue: bool
    last_run: Operation | None
    open_run: Operation | None
    file: BackupFile | None

    @property
    def is_password_lost(self) -> bool:
        """It was set on another leader, and did not travel (S27)."""
        return self.settings.is_set_up and not self.password_set


def describe() -> BackupStatus:
    """As of now; raises ``ClusterNotCreated``."""
    require_cluster()
    settings, now = BackupSettings.load(), timezone.now()
    return BackupStatus(
        settings=settings,
        password_set=BackupPassword.objects.exists(),
        destinations=list(BackupDestination.objects.all()),
        next_at=_next(settings, now),
        is_overdue=is_overdue(settings, now),
        last_run=backups.find_last_run(),
        open_run=backups.find_open_run(),
        file=backups.find_file(),
    )


def is_overdue(settings: BackupSettings, now: datetime) -> bool:
    """Whether the newest good backup is older than it may be; never before one was asked for."""
    if settings.newest is None:
        return False
    return not -DAY < now - settings.newest <= TOO_OLD  # a clock that was ahead proves nothing


def _next(settings: BackupSettings, now: datetime) -> datetime | None:
    """When the clock begins the next one; one that was missed is begun within a minute."""
    if settings.daily_at is None or not settings.is_set_up:
        return None
    if find_slot(settings, now) is not None:
        return now
    today = now.replace(
        hour=settings.daily_at.hour, minute=settings.daily_at.minute, second=0, microsecond=0
    )
    return today if today > now else today + DAY
