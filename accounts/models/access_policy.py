"""What the cluster asks of all administrators alike."""

from django.db import models

from audit.actor import Target


class AccessPolicy(models.Model):
    """One row, replicated like the accounts; without it nothing more is asked than was set up."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    second_factor_required = models.BooleanField(default=False)
    """Whether somebody without a second factor may do nothing but set one up (S49)."""
    passkey_domain = models.CharField(max_length=253, blank=True)
    """The domain that all consoles belong to, for passkeys that outlive a change of the leader."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="accounts_one_policy"),
        ]

    def __str__(self) -> str:
        return "access policy"

    @property
    def audit_target(self) -> Target:
        return Target(kind="policy", id="administrators", label="administrators")
