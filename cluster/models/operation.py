"""Durable workflow runs and their steps: the truth that Celery only points at."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actor import Target
from config.sentences import in_english

HAND_OVER = "hand_over"
"""The promotion's step in which one node stops leading, and another begins."""
LEASE = timedelta(seconds=10)
"""How long a worker may be silent before another one takes its operation over."""


class OperationQuerySet(models.QuerySet["Operation"]):
    """The guards of every write: who may change a row, and from which state."""

    def open(self) -> "OperationQuerySet":
        """Accepted and not yet ended."""
        return self.filter(state__in=Operation.OPEN)

    def due(self, now: datetime) -> "OperationQuerySet":
        """Open, time to look at it, and nobody is."""
        free = Q(lease_until=None) | Q(lease_until__lte=now)
        return self.open().filter(free, due_at__lte=now)

    def held(self, operation_id: uuid.UUID, *, lease: uuid.UUID) -> "OperationQuerySet":
        """The row while this lease is the one that holds it; nothing afterwards."""
        return self.filter(pk=operation_id, lease=lease, state=Operation.State.RUNNING)

    def that_may_become(self, target: "Operation.State") -> "OperationQuerySet":
        """Rows whose state allows ``target`` next."""
        sources = [source for source, targets in Operation.TRANSITIONS.items() if target in targets]
        return self.filter(state__in=sources)

    def cancellable(self) -> "OperationQuerySet":
        """Open, on its way forward, and not past the point of no return."""
        return self.open().filter(undoing=False, irreversible=False)


class Operation(models.Model):
    """One run of a workflow: accepted, carried forward step by step, ended for good."""

    class Kind(models.TextChoices):
        CREATE = "create", _("create the cluster")
        ENROL = "enrol", _("join a cluster")
        """On the new node: this machine joins somebody's cluster."""
        JOIN = "join", _("a node joins")
        """On the leader: a machine joins this cluster."""
        REMOVE = "remove", _("remove a node")
        PROMOTE = "promote", _("promote a node")
        INSTALL_APPLICATION = "install_application", _("install an application")
        CHANGE_APPLICATION = "change_application", _("change an application")
        REMOVE_APPLICATION = "remove_application", _("remove an application")
        BACKUP = "backup", _("back up the cluster")
        RESTORE = "restore", _("restore a backup")
        """On a machine without a cluster: it becomes the leader of one that was backed up."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (State.PENDING, State.RUNNING)
    ABOUT_APPLICATIONS = (
        Kind.INSTALL_APPLICATION,
        Kind.CHANGE_APPLICATION,
        Kind.REMOVE_APPLICATION,
    )
    """Many of them may be open, one an application."""
    BESIDE_MEMBERSHIP = (*ABOUT_APPLICATIONS, Kind.BACKUP)
    """What may be open beside a membership operation; there is one of those at a time."""
    TRANSITIONS = {
        State.PENDING: {State.RUNNING},
        State.RUNNING: {State.RUNNING, State.SUCCEEDED, State.FAILED, State.CANCELLED},
        State.SUCCEEDED: set[State](),
        State.FAILED: set[State](),
        State.CANCELLED: set[State](),
    }

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
    subject = models.CharField(max_length=64, blank=True)
    """What it is about, where one may be open of each: ``node3/web``."""
    position = models.PositiveSmallIntegerField(default=0)
    """The step that is being done, or undone while ``undoing``."""
    undoing = models.BooleanField(default=False)
    irreversible = models.BooleanField(default=False)
    """The point of no return is passed: no cancel and no undo any more."""
    cancel_requested = models.BooleanField(default=False)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    poked = models.BooleanField(default=False)
    """Something has happened since the current step last looked: it shall look again at once."""
    attempts = models.PositiveIntegerField(default=0)
    """How often the current step was tried."""
    deadline = models.DateTimeField()
    """When going forward ends and undoing begins; then, when undoing should have ended."""
    error_code = models.CharField(max_length=64, blank=True)
    error_detail = models.TextField(blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    """Percent."""
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(
                    state__in=["pending", "running"],
                    kind__in=["create", "enrol", "join", "remove", "promote", "restore"],
                ),
                name="cluster_one_membership_operation",
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state__in=["pending", "running"]) & ~Q(subject=""),
                name="cluster_one_operation_a_subject",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(state__in=["pending", "running"], kind="backup"),
                name="cluster_one_backup",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "running"])
                | Q(secret="", ended_at__isnull=False),
                name="cluster_ended_operation_has_no_secret",
            ),
            models.CheckConstraint(
                condition=~Q(undoing=True, irreversible=True),
                name="cluster_no_undo_after_no_return",
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
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def cancellable(self) -> bool:
        """Whether a cancel would be accepted, and has not been already."""
        reversible = not (self.undoing or self.irreversible)
        return self.is_open and reversible and not self.cancel_requested

    @property
    def audit_target(self) -> Target:
        return Target(
            kind="operation", id=str(self.id), label=in_english(Operation.Kind(self.kind).label)
        )


class OperationStep(models.Model):
    """One step of an operation, as people follow it."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        SKIPPED = "skipped", _("skipped")
        FAILED = "failed", _("failed")
        UNDONE = "undone", _("undone")

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
            models.UniqueConstraint(fields=["operation", "name"], name="cluster_step_once"),
            models.UniqueConstraint(fields=["operation", "position"], name="cluster_step_place"),
        ]

    def __str__(self) -> str:
        return self.name
