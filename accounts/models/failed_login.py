"""Failed logins, counted for a minute so that strangers cannot fill the audit trail."""

from django.db import models


class FailedLogin(models.Model):
    """Attempts under one name from one address since the last event about them."""

    username = models.CharField(max_length=150)
    source = models.CharField(max_length=45, blank=True)
    interface = models.CharField(max_length=16)
    since = models.DateTimeField()
    """When the last event was written; the next comes a minute later at the earliest."""
    more = models.PositiveIntegerField(default=0)
    """Attempts that no event tells of yet."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["username", "source"], name="accounts_failed_login_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.username} from {self.source}"
