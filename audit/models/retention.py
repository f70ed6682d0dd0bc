"""How long events stay in the table."""

from django.db import models


class Retention(models.Model):
    """What moves events into archives; with neither number all of them stay."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    days = models.PositiveIntegerField(null=True)
    """Events that are older are archived."""
    megabytes = models.PositiveIntegerField(null=True)
    """What the table may take; the oldest events beyond it are archived."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_only_one_retention")
        ]

    def __str__(self) -> str:
        return f"days: {self.days}, megabytes: {self.megabytes}"
