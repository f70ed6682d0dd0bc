"""Applications that were installed from here, and what installing them may do."""

from typing import Any

from django.db import models
from django.utils import timezone

from nodes.agent.applications.definition import ALLOWANCES
from nodes.models import Application


class InstalledApplication(models.Model):
    """What an application shall be; replicated, because a later leader manages it too."""

    class Wanted(models.TextChoices):
        RUNNING = "running", "running"
        STOPPED = "stopped", "stopped"

    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, primary_key=True, related_name="installed"
    )
    template = models.CharField(max_length=40, blank=True)
    """Of the catalogue; empty for an image of one's own."""
    parameters = models.JSONField(default=dict)
    """What was entered for the template; never a secret."""
    definition = models.JSONField(default=dict)
    """What the node was told, without the secrets' values."""
    wanted = models.CharField(max_length=16, choices=Wanted.choices, default=Wanted.RUNNING)
    revision = models.PositiveBigIntegerField()
    """The term and the generation that it was changed with last: grows, whoever leads."""
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.application.name} on node{self.application.node_id}"


class ApplicationPolicy(models.Model):
    """One row: what installed applications may have beyond a container of their own."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    host_paths = models.BooleanField(default=False)
    host_network = models.BooleanField(default=False)
    privileged = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="cluster_one_application_policy")
        ]

    def __str__(self) -> str:
        return ", ".join(self.allowed) or "nothing"

    @classmethod
    def load(cls) -> "ApplicationPolicy":
        """The policy; nothing is allowed until somebody allows it."""
        return cls.objects.first() or cls()

    @property
    def allowed(self) -> list[str]:
        return [name for name in ALLOWANCES if getattr(self, name)]

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ALLOWANCES}
