"""What an administrator still has to do, until somebody says that it is done."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actor import Target
from config.sentences import in_english


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> "FollowUpQuerySet":
        """Not yet settled."""
        return self.filter(settled_at=None)


class FollowUp(models.Model):
    """One thing left to do after an operation; at most one is open for a kind and a subject."""

    class Kind(models.TextChoices):
        SHUT_DOWN_NODE = "shut_down_node", _("shut the removed node down")
        REMOVE_LEFTOVERS = "remove_leftovers", _("clean up after an unreachable node")
        BACKUP_PASSWORD = "backup_password", _("set the backup password again")
        LOG_STORE = "log_store", _("the old leader keeps the old logs")
        AUDIT_TRAIL = "audit_trail", _("the old leader keeps the old audit trail")
        NODE_NOT_FOLLOWING = "node_not_following", _("a node does not follow the new leader")
        LATE_WRITES = "late_writes", _("changes that were made on a replaced leader")
        LOST_NODE = "lost_node", _("join a node again, or give it up")

    kind = models.CharField(max_length=32, choices=Kind.choices)
    subject = models.CharField(max_length=64, blank=True)
    """What it is about, such as ``node3``: the same one is not noted twice."""
    detail = models.TextField()
    """The sentence for people."""
    link = models.CharField(max_length=200, blank=True)
    """A path of the console, where it can be done."""
    node = models.PositiveIntegerField(null=True)
    """A node's number; it may have been removed."""
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(settled_at=None),
                name="cluster_follow_up_once",
            )
        ]

    def __str__(self) -> str:
        return self.detail

    @property
    def audit_target(self) -> Target:
        return Target(
            kind="follow_up", id=str(self.pk), label=in_english(FollowUp.Kind(self.kind).label)
        )
