"""Passwords that are tried: ten wrong ones for each account and address, on every way in alike."""

from django.contrib import auth
from django.http import HttpRequest

from accounts.actors import client_address
from accounts.errors import TooManyAttempts
from accounts.models import Administrator
from accounts.networks import home_of
from audit.actor import Actor


def try_password(request: HttpRequest, *, username: str, password: str) -> Administrator | None:
    """Whose password it is, or nobody's, which counts; raises ``TooManyAttempts``."""
    found = auth.authenticate(request, username=username, password=password)
    if getattr(request, "axes_locked_out", False):
        request.axes_locked_out = False  # type: ignore[attr-defined]  # answered here, for all alike
        raise TooManyAttempts()
    return found if isinstance(found, Administrator) else None


def counted_address(request: HttpRequest) -> str | None:
    """Where guesses are counted: for IPv6 its host's network, which has addresses without end."""
    address = client_address(request)
    return str(home_of(address).network_address) if address else None


def request_of(actor: Actor) -> HttpRequest:
    """As much of a request as guesses are counted by, where only its actor is known."""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": actor.source or "", "HTTP_USER_AGENT": actor.user_agent}
    return request
