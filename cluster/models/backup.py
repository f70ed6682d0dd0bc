"""How the cluster is backed up: what every leader shall know, and what only this one does."""

import uuid
from datetime import datetime, time

from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.actor import Target
from cluster.backup.destinations import Destination, Kind

DAILY_AT = time(2, 30)


class BackupSettings(models.Model):
    """One row, replicated: when, how much is kept, and what every leader shall know of the past."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    daily_at = models.TimeField(null=True, default=DAILY_AT)
    """UTC; null while nothing is backed up by itself."""
    keep_last = models.PositiveSmallIntegerField(default=14)
    """The newest so many are kept, however old."""
    keep_days = models.PositiveSmallIntegerField(null=True)
    """Younger ones are kept too, however many; null for none."""
    with_audit = models.BooleanField(default=False)
    """Whether the sealed export of the audit trail is part of it."""
    password_set_at = models.DateTimeField(null=True)
    """When a password was last set, on whichever leader; null while backup is not set up."""
    last_good_at = models.DateTimeField(null=True)
    """When the newest backup was made that arrived everywhere."""
    served_at = models.DateTimeField(null=True)
    """The last scheduled moment for which a backup was begun."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="cluster_one_backup_settings"),
            models.CheckConstraint(condition=Q(keep_last__gte=1), name="cluster_backup_keeps_one"),
        ]

    def __str__(self) -> str:
        return "backup"

    @classmethod
    def load(cls) -> "BackupSettings":
        """The row, or what holds before anybody has changed something."""
        return cls.objects.filter(pk=1).first() or cls()

    @property
    def is_set_up(self) -> bool:
        return self.password_set_at is not None

    @property
    def newest(self) -> datetime | None:
        """The newest good one, or since when there should be one; None while none is asked for."""
        if self.password_set_at is None:
            return None
        return self.last_good_at or self.password_set_at

    @property
    def audit_target(self) -> Target:
        return Target(kind="backup", id="1", label="the cluster's backup")


class BackupDestination(models.Model):
    """Where backups are sent; replicated, and its secret encrypted by this node's own key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=16)
    settings = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    """Encrypted JSON; empty for a kind that needs none."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """What people call it: never with a secret."""
        return Destination(Kind(self.kind), self.settings, {}).place


class BackupPassword(models.Model):
    """The password, on this leader only: encrypted by its own key, and never replicated (S27)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    encrypted = models.TextField()
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="cluster_one_backup_password")
        ]

    def __str__(self) -> str:
        return "backup password"
