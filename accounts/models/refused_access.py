"""Refusals, counted for a minute so that a program that goes on asking cannot fill the trail."""

from django.db import models


class RefusedAccess(models.Model):
    """Refusals of one kind to one account at one address since the last event about them."""

    username = models.CharField(max_length=150)
    source = models.CharField(max_length=45, blank=True)
    code = models.CharField(max_length=64)
    interface = models.CharField(max_length=16)
    since = models.DateTimeField()
    """When the last event was written; the next comes a minute later at the earliest."""
    more = models.PositiveIntegerField(default=0)
    """Refusals that no event tells of yet."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["username", "source", "code"], name="accounts_refused_access_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.username} from {self.source}: {self.code}"
