"""The actor of a web request, as services and the audit trail want it."""

from ipaddress import IPv6Address, ip_address

import structlog
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import ApiToken
from audit.actor import Actor, ActorKind, Interface, Verified

BY_PASSKEY = "by_passkey"
"""Session key: whether a passkey, and no code, was the second factor."""


def actor_from(request: HttpRequest | Request) -> Actor:
    """Who sent ``request``: an administrator, or a stranger when nobody is logged in."""
    if request.user.is_authenticated:
        return proven(request, name=request.user.get_username(), verified=_verified(request))
    return stranger(request, name="anonymous")


def stranger(request: HttpRequest | Request, *, name: str) -> Actor:
    """Somebody who claims ``name`` and has not proved it."""
    return _actor(request, name=name, kind=ActorKind.STRANGER, verified=Verified.NOT)


def proven(request: HttpRequest | Request, *, name: str, verified: Verified) -> Actor:
    """Somebody who has proved to be ``name``."""
    return _actor(request, name=name, kind=ActorKind.ADMINISTRATOR, verified=verified)


def client_address(request: HttpRequest | Request) -> str | None:
    """The peer's address; an IPv4 peer of an IPv6 socket is an IPv4 peer."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or IPv6Address(int(address))
    return str(address)


def _verified(request: HttpRequest | Request) -> Verified:
    """By a token, or by what the session was opened with."""
    if isinstance(getattr(request, "auth", None), ApiToken):
        return Verified.TOKEN
    has_code = getattr(request.user, "is_verified", bool)  # django-otp's, where it has looked
    if not has_code():
        return Verified.PASSWORD
    if request.session.get(BY_PASSKEY):
        return Verified.PASSWORD_AND_PASSKEY
    return Verified.PASSWORD_AND_CODE


def _actor(
    request: HttpRequest | Request, *, name: str, kind: ActorKind, verified: Verified
) -> Actor:
    is_api = request.path.startswith("/api/")
    return Actor(
        name=name,
        kind=kind,
        interface=Interface.API if is_api else Interface.CONSOLE,
        source=client_address(request),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:256],
        verified=verified,
    )
