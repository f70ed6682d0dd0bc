"""Durable workflow runs and their steps: the truth that Celery only points at."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.actor import Target


class Operation(models.Model):
    """One run of a workflow: accepted, carried forward step by step, ended for good."""

    class Kind(models.TextChoices):
        CREATE = "create", "create the cluster"
        ENROL = "enrol", "join a cluster"
        """On the new node: this machine joins somebody's cluster."""
        JOIN = "join", "a node joins"
        """On the leader: a machine joins this cluster."""

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        RUNNING = "running", "running"
        SUCCEEDED = "succeeded", "succeeded"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    OPEN = (State.PENDING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    parameters = models.JSONField(default=dict)
    """What was asked for; never a secret."""
    data = models.JSONField(default=dict)
    """What steps leave for later steps; never a secret."""
    secret = models.TextField(blank=True)
    """Encrypted by the field key; emptied when the operation ends."""
    actor = models.JSONField(default=dict)
    node = models.ForeignKey("nodes.Node", null=True, on_delete=models.SET_NULL)
    undoing = models.BooleanField(default=False)
    cancel_requested = models.BooleanField(default=False)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    deadline = models.DateTimeField()
    progress = models.PositiveSmallIntegerField(default=0)
    """Percent."""
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(state__in=["pending", "running"], kind__in=["create", "enrol", "join"]),
                name="cluster_one_membership_operation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["pending", "running"]),
                name="cluster_operation_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def audit_target(self) -> Target:
        return Target(kind="operation", id=str(self.id), label=self.get_kind_display())


class OperationStep(models.Model):
    """One step of an operation, as people follow it."""

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        RUNNING = "running", "running"
        SUCCEEDED = "succeeded", "succeeded"
        SKIPPED = "skipped", "skipped"
        FAILED = "failed", "failed"
        UNDONE = "undone", "undone"

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    detail = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "name"], name="cluster_step_once")
        ]

    def __str__(self) -> str:
        return self.name
