"""What a person is logged in by, and how all of it ends at once (S47)."""

from dataclasses import dataclass

from accounts.models import Administrator, ApiToken, Session


@dataclass(frozen=True, slots=True)
class Credential:
    """The session or token that a request came with."""

    session_key: str | None = None
    token: ApiToken | None = None


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
