"""Failed logins that are counted."""

from django.db import models

from accounts.models.refusals import Refusals


class FailedLogin(Refusals):
    """Attempts under one name from one address since the last event about them."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["username", "source"], name="accounts_failed_login_once"
            )
        ]
