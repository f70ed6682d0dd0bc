"""What runs on a node, as its agent reports it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actor import Target
from nodes.models.node import Node

ABSENT = "absent"
"""The state of an application that was installed from here, and that its node does not report."""


class ApplicationQuerySet(models.QuerySet["Application"]):
    def listed(self) -> "ApplicationQuerySet":
        """Of nodes that stay; what runs on a node that leaves is no longer the cluster's."""
        return self.filter(node__state__in=[Node.State.JOINING, Node.State.ACTIVE])

    def managed(self) -> "ApplicationQuerySet":
        """Installed from here."""
        return self.listed().filter(managed=True)

    def providers(self) -> "ApplicationQuerySet":
        """Replicas of account providers (S16)."""
        return self.filter(role=Application.Role.ACCOUNT_PROVIDER)


class Application(models.Model):
    """A container, a pod or a service of one node; never replicated: the node reports it anew."""

    class Engine(models.TextChoices):
        CONTAINER = "container", _("container")
        POD = "pod", _("pod")
        SERVICE = "service", _("systemd service")

    class Role(models.TextChoices):
        NONE = "", _("application")
        ACCOUNT_PROVIDER = "account-provider", _("account provider")

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="applications")
    engine = models.CharField(max_length=16, choices=Engine.choices)
    name = models.CharField(max_length=200)
    image = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=32)
    """As the engine calls it, such as ``running`` or ``exited``; or ``absent``."""
    ports = models.JSONField(default=list)
    """Texts such as ``8080->80/tcp``."""
    labels = models.JSONField(default=dict)
    role = models.CharField(max_length=32, choices=Role.choices, blank=True)
    """From the label ``flotilla.role``."""
    domain = models.CharField(max_length=253, blank=True)
    """From the label ``flotilla.domain``: the domain that an account provider serves."""
    managed = models.BooleanField(default=False)
    """It was installed from here: it stays in the list although its node does not report it."""
    reported_at = models.DateTimeField(default=timezone.now)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["node", "engine", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["node", "engine", "name"], name="nodes_application_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_target(self) -> Target:
        label = f"{self.name} on node{self.node_id}"
        target_id = f"{self.node_id}/{self.name}"
        return Target(kind="application", id=target_id, label=label, node=self.node_id)
