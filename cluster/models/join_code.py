"""Codes that enrol one worker and do nothing else."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actor import Target


class JoinCodeQuerySet(models.QuerySet["JoinCode"]):
    """The guards of a single-use code."""

    def open(self) -> "JoinCodeQuerySet":
        """Waiting for a machine to use them."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), used_by="")

    def usable_by(self, key: str, *, now: datetime) -> "JoinCodeQuerySet":
        """Neither revoked nor expired, and unused, or used by this very machine."""
        return self.filter(revoked_at=None, expires_at__gt=now, used_by__in=("", key))


class JoinCode(models.Model):
    """A single-use, short-lived permission to join; only a digest of its secret is stored."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        USED = "used", _("used")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

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

    objects = JoinCodeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"join code {self.id}"

    @property
    def state(self) -> "JoinCode.State":
        """What the code is good for now; a code whose join was undone is active again."""
        if self.used_by:
            return JoinCode.State.USED
        if self.revoked_at is not None:
            return JoinCode.State.REVOKED
        expired = self.expires_at <= timezone.now()
        return JoinCode.State.EXPIRED if expired else JoinCode.State.ACTIVE

    @property
    def audit_target(self) -> Target:
        return Target(kind="join_code", id=str(self.id), label=str(self))
