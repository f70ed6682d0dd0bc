"""Events that are not in the trail's table any more, and those of other trails."""

from django.db import models

from audit.fields import CanonicalJSONField


class Archive(models.Model):
    """The oldest events, sealed in a file; only with this row may they leave the table.

    Archives have no gap between them, and the trail's table goes on where the last one ends.
    """

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    first_time = models.DateTimeField()
    last_time = models.DateTimeField()
    previous_hash = models.CharField(max_length=64)
    """Of the event before the first."""
    last_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    """Of the file, below ``archive/`` in the state directory."""
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["first_id"]

    def __str__(self) -> str:
        return f"events {self.first_id} to {self.last_id}"


class ImportedArchiveQuerySet(models.QuerySet["ImportedArchive"]):
    def whole(self) -> "ImportedArchiveQuerySet":
        """Without what is still being imported, or whose import a crash has ended."""
        return self.filter(is_whole=True)


class ImportedArchive(models.Model):
    """A sealed file of a trail that is not this one, or that has left it; read-only."""

    digest = models.CharField(max_length=64, unique=True)
    """Of the events, as the manifest names it."""
    name = models.CharField(max_length=255)
    """Of the file that it was read from."""
    signer = models.PositiveIntegerField(null=True)
    """The node that signed it; null for nobody."""
    manifest = models.JSONField()
    count = models.BigIntegerField()
    first_time = models.DateTimeField(null=True)
    last_time = models.DateTimeField(null=True)
    imported_at = models.DateTimeField()
    is_whole = models.BooleanField(default=True)
    """Its events come in many transactions; this is in the last."""

    objects = ImportedArchiveQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class ImportedEvent(models.Model):
    """One event of such a file: what a filter asks for, and the event itself."""

    archive = models.ForeignKey(ImportedArchive, on_delete=models.CASCADE, related_name="events")
    event_id = models.BigIntegerField()
    time = models.DateTimeField()
    user = models.CharField(max_length=150)
    action = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8)
    target_kind = models.CharField(max_length=32, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(max_length=255, blank=True)
    source = models.CharField(max_length=45, blank=True)
    operation = models.UUIDField(null=True)
    search_text = models.TextField()
    row = CanonicalJSONField()
    """All that was exported of it."""

    class Meta:
        ordering = ["-event_id"]
        constraints = [
            models.UniqueConstraint(fields=["archive", "event_id"], name="audit_imported_once")
        ]
        indexes = [
            models.Index(fields=["archive", "user", "event_id"], name="audit_imported_user"),
            models.Index(fields=["archive", "action", "event_id"], name="audit_imported_action"),
            models.Index(fields=["archive", "time"], name="audit_imported_time"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} of {self.archive_id}"
