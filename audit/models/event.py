"""The events, the end of their chain, and how far it was verified."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_noop as _

from audit.actions import AuditAction
from audit.chain import GENESIS, VERSION
from audit.fields import CanonicalJSONField, HexField, RowNumberField


class Outcome(models.TextChoices):
    OK = "ok", _("ok")
    DENIED = "denied", _("denied")
    FAILED = "failed", _("failed")


def sentence_of(action: str) -> str:
    """In words; the bare name if a newer version recorded it."""
    try:
        return str(AuditAction(action).label)
    except ValueError:
        return action


class AuditEvent(models.Model):
    """One thing that somebody did, tried or was refused (S44, S56); written once, for ever.

    Ids have no gap, and time order is id order: no index has the time. The database refuses updates
    and deletions.
    """

    id = RowNumberField(primary_key=True)
    version = models.PositiveSmallIntegerField(default=VERSION)
    term = models.PositiveIntegerField(default=0)
    """Of the leadership that this node knew when it wrote the event."""
    time = models.DateTimeField()
    user = models.CharField(max_length=150)
    user_kind = models.CharField(max_length=16)
    verified = models.CharField(max_length=24, blank=True)
    """How it was made sure that the user is who it says."""
    action = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    target_kind = models.CharField(max_length=32, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(max_length=255, blank=True)
    node = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    interface = models.CharField(max_length=16)
    request_id = models.CharField(max_length=64, blank=True)
    operation = models.UUIDField(null=True)
    details = CanonicalJSONField(default=dict)
    details_salt = HexField(max_length=32)
    details_digest = HexField(max_length=64)
    search_text = models.TextField()
    """What a search looks through; not hashed, and made anew from the rest at any time."""
    hash = HexField(max_length=64)

    class Meta:
        """On PostgreSQL the indexes have no ids, but their blocks (``audit.blocks``)."""

        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "id"], name="audit_user"),
            models.Index(fields=["action", "id"], name="audit_action"),
            models.Index(fields=["user", "action", "id"], name="audit_user_action"),
            models.Index(fields=["target_id", "id"], name="audit_target"),
            models.Index(fields=["target_label", "id"], name="audit_target_label"),
            models.Index(fields=["source", "id"], name="audit_source"),
            models.Index(
                fields=["operation", "id"],
                name="audit_operation",
                condition=models.Q(operation__isnull=False),
            ),
            models.Index(
                fields=["outcome", "id"],
                name="audit_unusual_outcome",
                condition=models.Q(outcome__in=["denied", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.sentence}"

    def save(self, *args: Any, **options: Any) -> None:
        """Insert; there is no other way to save an event."""
        super().save(force_insert=True)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError("Audit events are never deleted.")

    @property
    def sentence(self) -> str:
        """What was done, in words."""
        return sentence_of(self.action)


class AuditHead(models.Model):
    """The end of the chain: one row, which every append locks."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last_id = models.BigIntegerField(default=0)
    last_time = models.DateTimeField(null=True)
    last_hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_only_one_head")]

    def __str__(self) -> str:
        return f"after event {self.last_id}"


class AuditRound(models.Model):
    """How far the present round of verification is, and what the last whole one found."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    checked = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)
    """Of the last event that was checked."""
    asked_at = models.DateTimeField(null=True)
    """When somebody asked for the present round, which is gone through without a pause."""
    verified_at = models.DateTimeField(null=True)
    fitting = models.BigIntegerField(default=0)
    """How many events fitted, from the first, when all were looked at."""
    bad_id = models.BigIntegerField(null=True)
    """The first event that did not fit."""
    bad_reason = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_only_one_round")
        ]

    def __str__(self) -> str:
        return f"verified up to event {self.checked}"
