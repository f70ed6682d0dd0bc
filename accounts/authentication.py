"""API tokens: ``Authorization: Bearer flt_…``."""

from datetime import timedelta

from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import Administrator, ApiToken
from accounts.token_addresses import is_known, note_new_address, of_request

USE_PRECISION = timedelta(minutes=1)
"""How often the last use of a token is written."""


class BearerTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # untyped base
    """Finds the token by its digest in one query, expired ones not at all."""

    def authenticate(self, request: Request) -> tuple[Administrator, ApiToken] | None:
        """And tell of it when the token comes from somewhere new."""
        self.address = of_request(request._request)
        found: tuple[Administrator, ApiToken] | None = super().authenticate(request)
        if found is not None and not found[1].is_known_here:
            note_new_address(found[1], request._request, address=self.address)
        return found

    def authenticate_credentials(self, token: bytes) -> tuple[Administrator, ApiToken]:
        digest = hash_token(token.decode("utf-8", errors="replace"))
        found = (
            ApiToken.objects.select_related("user")
            .annotate(is_known_here=is_known(self.address))
            .filter(digest=digest, expiry__gt=timezone.now(), user__is_active=True)
            .first()
        )
        if found is None:
            raise AuthenticationFailed("This token is unknown, has expired or was revoked.")
        _note_use(found)
        return found.user, found


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USE_PRECISION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
