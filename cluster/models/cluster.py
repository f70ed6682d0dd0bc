"""The cluster itself: one row, on its leader, and on a node that led it or is about to."""

from django.db import models
from django.utils import timezone

from audit.actor import Target
from cluster.backup.names import prefix_of


class Cluster(models.Model):
    """What is true of the whole fleet; ``generation`` grows with each change of replicated data."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    uuid = models.UUIDField(unique=True)
    label = models.CharField(max_length=64)
    vpn_network = models.CharField(max_length=18)
    max_nodes = models.PositiveSmallIntegerField(default=4)
    term = models.PositiveIntegerField(default=1)
    generation = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    next_node_id = models.PositiveIntegerField(default=1)
    recovery_key = models.CharField(max_length=64)
    """Public half of the recovery key (Ed25519, base64url)."""
    created_at = models.DateTimeField(default=timezone.now)
    frozen_until = models.DateTimeField(null=True)
    """While leadership moves, nothing replicated may change; the freeze ends by itself."""
    handover = models.JSONField(null=True)
    """The chain of handovers and claims by which this term is led; null in the first term."""
    built_on = models.JSONField(null=True)
    """The state that this term began with: ``term``, ``generation``, its ``leader``, and the head
    of that leader's ``audit`` trail; null in the first term.
    """

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="cluster_only_one"),
            models.CheckConstraint(
                condition=models.Q(max_nodes__gte=1), name="cluster_max_nodes_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def audit_target(self) -> Target:
        return Target(kind="cluster", id=str(self.uuid), label=self.label)

    @property
    def backup_prefix(self) -> str:
        """How its backups' names begin."""
        return prefix_of(str(self.uuid), term=self.term)


class SignedState(models.Model):
    """A state document as signed by the leader's agent: what agents pull."""

    term = models.PositiveIntegerField()
    generation = models.PositiveIntegerField()
    jws = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-term", "-generation"]
        constraints = [
            models.UniqueConstraint(fields=["term", "generation"], name="cluster_state_once")
        ]

    def __str__(self) -> str:
        return f"state {self.term}.{self.generation}"
