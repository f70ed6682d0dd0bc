"""Codes that enrol one worker and do nothing else."""

import uuid

from django.db import models
from django.utils import timezone

from audit.actor import Target


class JoinCode(models.Model):
    """A single-use, short-lived permission to join; only a digest of its secret is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    secret_digest = models.CharField(max_length=64)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_by = models.CharField(max_length=64, blank=True)
    """Identity key of the machine that used it: the same machine may ask again."""
    node = models.ForeignKey("nodes.Node", null=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"join code {self.id}"

    @property
    def audit_target(self) -> Target:
        return Target(kind="join_code", id=str(self.id), label=str(self))
