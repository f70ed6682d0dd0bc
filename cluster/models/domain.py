"""Domains whose accounts applications use (S16)."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actor import Target


class DomainQuerySet(models.QuerySet["Domain"]):
    def provided(self) -> "DomainQuerySet":
        """By nodes of this cluster."""
        return self.filter(kind=Domain.Kind.PROVIDED)


class Domain(models.Model):
    """Accounts under one name, provided by nodes or by directories elsewhere; replicated."""

    class Kind(models.TextChoices):
        PROVIDED = "provided", _("provided by nodes")
        EXTERNAL = "external", _("provided elsewhere")

    name = models.CharField(max_length=253, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PROVIDED)
    port = models.PositiveIntegerField(null=True, unique=True)
    """Of every provider, on its node's VPN address; two domains may share a node."""
    urls = models.JSONField(default=list)
    """Where directories elsewhere are."""
    base_dn = models.CharField(max_length=255)
    bind_dn = models.CharField(max_length=255, blank=True)
    password = models.TextField(blank=True)
    """Of the bind DN, encrypted by this node's key."""
    password_number = models.PositiveIntegerField(default=0)
    """How often the password of a provided domain was changed: whose number differs is to be told.
    """
    verify_tls = models.BooleanField(default=True)
    start_tls = models.BooleanField(default=False)
    """Of directories elsewhere whose address begins with ``ldap``."""
    ca = models.TextField(blank=True)
    """Certificates (PEM) that directories elsewhere are verified by; empty for those that each node
    trusts.
    """
    created_at = models.DateTimeField(default=timezone.now)

    objects = DomainQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="provided", port__isnull=False)
                | models.Q(kind="external", port__isnull=True),
                name="cluster_provided_domain_has_a_port",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_provided(self) -> bool:
        return self.kind == self.Kind.PROVIDED

    @property
    def audit_target(self) -> Target:
        return Target(kind="domain", id=self.name, label=self.name)
