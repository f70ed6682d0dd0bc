"""What a person is logged in by, and how all of it ends at once (S47)."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import Administrator, ApiToken, Session


@dataclass(frozen=True, slots=True)
class Credential:
    """The session or token that a request came with."""

    session_key: str | None = None
    token: ApiToken | None = None

    @classmethod
    def of(cls, request: HttpRequest | Request) -> "Credential":
        token = getattr(request, "auth", None)
        if isinstance(token, ApiToken):
            return cls(token=token)
        return cls(session_key=request.session.session_key)

    def is_good(self) -> bool:
        """Whether it would still be accepted, were it to come now."""
        now = timezone.now()
        if self.token is not None:
            tokens = ApiToken.objects.filter(pk=self.token.pk, expiry__gt=now)
            return tokens.filter(user__is_active=True).exists()
        sessions = Session.objects.filter(session_key=self.session_key or "", expire_date__gt=now)
        return sessions.filter(administrator__is_active=True).exists()


def end_access(administrator: Administrator, *, keep: Credential | None = None) -> None:
    """End every session and token of ``administrator`` but the one to ``keep``."""
    keep = keep or Credential()
    Session.objects.filter(administrator=administrator).exclude(
        session_key=keep.session_key or ""
    ).delete()
    tokens = ApiToken.objects.filter(user=administrator)
    if keep.token is not None:
        tokens = tokens.exclude(pk=keep.token.pk)
    tokens.delete()
