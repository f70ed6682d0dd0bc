"""API tokens."""

import uuid

from django.conf import settings
from django.db import models
from knox.models import AbstractAuthToken

from audit.actor import Target


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # untyped base
    """A credential for programs: ``flt_…``, shown once, of which only a digest is stored."""

    class Kind(models.TextChoices):
        LOGIN = "login", "login"
        """Made by ``auth/login``: short-lived, as good as a session."""
        NAMED = "named", "named"
        """Made on purpose, with a name."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="auth_token_set"
    )
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=64)
    read_only = models.BooleanField(default=False)
    allowed_networks = models.JSONField(default=list, blank=True)
    last_used_at = models.DateTimeField(null=True)
    proved_at = models.DateTimeField(null=True)
    """When whoever uses a login's token last gave password and code."""

    objects = models.Manager["ApiToken"]()

    class Meta:
        ordering = ["-created", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_target(self) -> Target:
        return Target(kind="token", id=str(self.id), label=self.name)
