"""The audit trail's table."""

from django.db import models

from audit.actions import AuditAction


class Outcome(models.TextChoices):
    OK = "ok", "ok"
    DENIED = "denied", "denied"
    FAILED = "failed", "failed"


class AuditEvent(models.Model):
    """One thing that somebody did, tried or was refused (S44, S56)."""

    time = models.DateTimeField(db_index=True)
    user = models.CharField(max_length=150)
    user_kind = models.CharField(max_length=16)
    action = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    target_kind = models.CharField(max_length=32, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(max_length=255, blank=True)
    node = models.PositiveIntegerField(null=True)
    source = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=256, blank=True)
    interface = models.CharField(max_length=16)
    request_id = models.CharField(max_length=64, blank=True)
    operation = models.UUIDField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "id"], name="audit_user"),
            models.Index(fields=["action", "id"], name="audit_action"),
            models.Index(fields=["user", "action", "id"], name="audit_user_action"),
            models.Index(fields=["target_id", "id"], name="audit_target"),
            models.Index(fields=["operation", "id"], name="audit_operation"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.sentence}"

    @property
    def sentence(self) -> str:
        """What was done, in words; the bare name if a newer version recorded it."""
        try:
            return str(AuditAction(self.action).label)
        except ValueError:
            return self.action
