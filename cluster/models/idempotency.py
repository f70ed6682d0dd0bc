"""Answers kept for whoever sends the same request again because the first answer was lost."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

LIFETIME = timedelta(hours=24)


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def expired(self) -> "IdempotencyKeyQuerySet":
        return self.filter(created_at__lte=timezone.now() - LIFETIME)


class IdempotencyKey(models.Model):
    """One POST of one administrator, and its answer once there is one."""

    administrator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    """Of what was asked: the same key for something else is a mistake."""
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    """Headers and body, encrypted by the field key: some answers hold what is shown once."""
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["administrator", "key"], name="cluster_idempotency_key_once"
            )
        ]

    def __str__(self) -> str:
        return self.key
