"""API tokens: shown once, stored as digests, never for ever."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from accounts import replica
from accounts.errors import TokenLifetimeTooLong
from accounts.models import Administrator, ApiToken
from accounts.networks import normalise
from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record

LOGIN_LIFETIME = timedelta(hours=12)
DEFAULT_LIFETIME = timedelta(days=90)
LONGEST_LIFETIME = timedelta(days=365)


def create_login_token(administrator: Administrator, *, user_agent: str) -> tuple[ApiToken, str]:
    """What ``auth/login`` answers with; the caller records the login."""
    return _create(
        administrator,
        kind=ApiToken.Kind.LOGIN,
        name=f"Login by {user_agent}"[:64] if user_agent else "Login",
        lifetime=LOGIN_LIFETIME,
        proved_at=timezone.now(),
    )


@transaction.atomic
def create_token(
    administrator: Administrator,
    *,
    actor: Actor,
    name: str,
    lifetime: timedelta = DEFAULT_LIFETIME,
    read_only: bool = False,
    allowed_networks: Iterable[str] = (),
) -> tuple[ApiToken, str]:
    """Make a named token; returns it and its text, which nobody can see again.

    Raises ``TokenLifetimeTooLong`` or ``InvalidNetwork``.
    """
    if lifetime > LONGEST_LIFETIME:
        raise TokenLifetimeTooLong(field="ttl_seconds")
    token, text = _create(
        administrator,
        kind=ApiToken.Kind.NAMED,
        name=name,
        lifetime=lifetime,
        read_only=read_only,
        allowed_networks=normalise(allowed_networks),
    )
    record(
        AuditAction.TOKEN_CREATED,
        actor=actor,
        target=token.audit_target,
        details={
            "read_only": token.read_only,
            "allowed_networks": token.allowed_networks,
            "expires_at": token.expiry.isoformat(),
        },
    )
    replica.changed()
    return token, text


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Actor) -> None:
    """End a token at once."""
    target = token.audit_target
    token.delete()
    record(AuditAction.TOKEN_REVOKED, actor=actor, target=target)
    replica.changed()


def _create(
    administrator: Administrator,
    *,
    kind: ApiToken.Kind,
    name: str,
    lifetime: timedelta,
    read_only: bool = False,
    allowed_networks: list[str] | None = None,
    proved_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    digest, text = get_digest_token()
    token = ApiToken.objects.create(
        digest=digest,
        token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
        user=administrator,
        expiry=timezone.now() + lifetime,
        kind=kind,
        name=name,
        read_only=read_only,
        allowed_networks=allowed_networks or [],
        proved_at=proved_at,
    )
    return token, text
