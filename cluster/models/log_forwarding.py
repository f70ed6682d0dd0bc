"""Which syslog receiver is sent the logs of all nodes."""

from django.db import models
from django.utils import timezone

from audit.actor import Target


class LogForwarding(models.Model):
    """One row, replicated: every leader forwards what arrives at it.

    How far it has come is not here: that is about the files of one machine.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    tls = models.BooleanField(default=True)
    certificate = models.TextField(blank=True)
    """PEM: whom to believe instead of what this machine believes."""
    begun_at = models.DateTimeField(default=timezone.now)
    """What was received before is not sent."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="cluster_one_log_receiver")
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def audit_target(self) -> Target:
        return Target(kind="logs", id="1", label=str(self))
