"""What the access rule refuses, counted."""

from django.db import models

from accounts.models.refusals import Refusals


class RefusedAccess(Refusals):
    """Refusals of one kind to one account at one address since the last event about them."""

    code = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["username", "source", "code"], name="accounts_refused_access_once"
            )
        ]

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.code}"
