"""Browser sessions that can be listed and ended."""

from hashlib import sha256

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.browsers import describe


class Session(AbstractBaseSession):
    """One browser, logged in as one person."""

    administrator = models.ForeignKey(
        "accounts.Administrator", null=True, on_delete=models.CASCADE, related_name="sessions"
    )
    source = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=256, blank=True)
    opened_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @property
    def browser(self) -> str:
        return describe(self.user_agent)

    @property
    def public_id(self) -> str:
        """Names the session without opening it."""
        return sha256(self.session_key.encode()).hexdigest()[:32]
