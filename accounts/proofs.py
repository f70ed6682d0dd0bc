"""When whoever sends a request last gave password and code.

A session and the token of a login begin with such a proof, which ages. A named token is itself what
somebody proved, to be used by programs that know no password.
"""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import ApiToken

PROVED_AT = "proved_at"
"""Session key."""


def is_fresh(request: HttpRequest | Request) -> bool:
    """Whether the last proof is young enough for what asks for one."""
    token = getattr(request, "auth", None)
    if not isinstance(token, ApiToken):
        return _is_recent(_of_session(request))
    return token.kind == ApiToken.Kind.NAMED or _is_recent(token.proved_at)


def note(request: HttpRequest | Request) -> None:
    """Say that whoever sent ``request`` has given both just now."""
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        ApiToken.objects.filter(pk=token.pk).update(proved_at=timezone.now())
    else:
        request.session[PROVED_AT] = timezone.now().isoformat()


def _of_session(request: HttpRequest | Request) -> datetime | None:
    noted = request.session.get(PROVED_AT)
    return datetime.fromisoformat(noted) if noted else None


def _is_recent(proved_at: datetime | None) -> bool:
    """Also not of a time to come: the clock may have been put back."""
    return proved_at is not None and abs(timezone.now() - proved_at) <= settings.PROOF_LIFETIME
