"""What is refused, counted for a minute so that nobody can fill the audit trail with it."""

from django.db import models

from audit.actor import Actor, ActorKind, Interface


class Refusals(models.Model):
    """Those under one name from one address since the last event about them."""

    username = models.CharField(max_length=150)
    source = models.CharField(max_length=45, blank=True)
    interface = models.CharField(max_length=16)
    since = models.DateTimeField()
    """When the last event was written; the next comes a minute later at the earliest."""
    more = models.PositiveIntegerField(default=0)
    """Refusals that no event tells of yet."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.username} from {self.source}"

    def actor(self, kind: ActorKind) -> Actor:
        """As much as is known of who was refused."""
        return Actor(
            name=self.username,
            kind=kind,
            interface=Interface(self.interface),
            source=self.source or None,
        )
