"""How long the leader keeps logs."""

from django.db import models
from django.db.models import Q

from audit.actor import Target

GIBIBYTE = 1024**3


class LogSettings(models.Model):
    """One row, replicated."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    keep_days = models.PositiveSmallIntegerField(default=90)
    keep_gib = models.PositiveSmallIntegerField(default=10)
    """As they lie on the disk, packed or not; the oldest go first."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="cluster_one_log_settings"),
            models.CheckConstraint(
                condition=Q(keep_days__gte=1, keep_gib__gte=1), name="cluster_logs_keep_something"
            ),
        ]

    def __str__(self) -> str:
        return "logs"

    @classmethod
    def load(cls) -> "LogSettings":
        """The row, or what holds before anybody has changed something."""
        return cls.objects.filter(pk=1).first() or cls()

    @property
    def keep_bytes(self) -> int:
        return self.keep_gib * GIBIBYTE

    @property
    def audit_target(self) -> Target:
        return Target(kind="logs", id="1", label="the cluster's logs")
