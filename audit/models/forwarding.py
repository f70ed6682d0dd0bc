"""Which syslog receiver is told of every event, and how far this node has told it."""

from django.db import models


class Forwarding(models.Model):
    """The receiver; every leader forwards its own trail there."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    tls = models.BooleanField(default=True)
    certificate = models.TextField(blank=True)
    """PEM: whom to believe instead of what this machine believes."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_only_one_receiver")
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class ForwardingPlace(models.Model):
    """How far the receiver has taken this node's trail; the trail itself is the spool."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    taken = models.BigIntegerField(default=0)
    """Id of the last event that the receiver has taken."""
    again_after = models.BigIntegerField(default=0)
    """What ``taken`` was one batch earlier: where to begin again when the receiver was away."""
    checkpoint = models.BigIntegerField(default=0)
    """Row of the last checkpoint that it has taken."""
    is_sealed = models.BooleanField(default=False)
    """The receiver ends connections as RFC 5425 asks, and has to from then on."""
    taken_at = models.DateTimeField(null=True)
    away_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    """In a row."""
    retry_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    claimed_until = models.DateTimeField(null=True)
    """Until when a worker sends alone."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_only_one_place")
        ]

    def __str__(self) -> str:
        return f"forwarded up to event {self.taken}"
