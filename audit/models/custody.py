"""What proves, outside the chain, how long it was and what it ended with."""

from django.db import models


class Checkpoint(models.Model):
    """The end of the trail at some moment, signed by the node; never changed."""

    trail = models.PositiveIntegerField()
    """The node whose trail it is."""
    term = models.PositiveIntegerField()
    count = models.BigIntegerField()
    """Events so far: also the id of the last."""
    hash = models.CharField(max_length=64)
    time = models.DateTimeField()
    jws = models.TextField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["count", "trail", "term"], name="audit_checkpoint_once")
        ]

    def __str__(self) -> str:
        return f"after event {self.count}"


class Acknowledgement(models.Model):
    """What witnesses remember otherwise, and somebody has said to know; believed because of the
    event that says so.
    """

    digest = models.CharField(max_length=64, unique=True)
    """Of the memories, as the event names it."""
    memories = models.JSONField()
    """Event and hash of each."""
    made_after = models.BigIntegerField()
    """The last event before the one that says so."""

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"acknowledged after event {self.made_after}"


class WitnessStatement(models.Model):
    """What a node last said that it remembers of this trail."""

    witness = models.PositiveIntegerField(primary_key=True)
    """The number of the node."""
    label = models.CharField(max_length=300)
    heard_at = models.DateTimeField()
    asked_all_at = models.DateTimeField(null=True)
    """When it last said everything that it remembers."""
    count = models.BigIntegerField(default=0)
    """Of the newest checkpoint that it holds; 0 for none."""
    time = models.DateTimeField(null=True)
    """When that was signed."""
    checkpoints = models.JSONField(default=list)
    """As it holds them: count, hash and time of each."""
    refusal = models.TextField(blank=True)
    """Why it did not take the last one."""

    class Meta:
        ordering = ["witness"]

    def __str__(self) -> str:
        return f"{self.label} remembers {self.count} events"
