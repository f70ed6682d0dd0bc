"""Passwords that are tried: ten wrong ones for each account and address, on every way in alike."""

from django.contrib import auth
from django.http import HttpRequest

from accounts.actors import client_address
from accounts.errors import TooManyAttempts
from accounts.hashing import as_stranger
from accounts.known_browsers import is_known
from accounts.models import Administrator
from accounts.networks import home_of
from audit.actor import Actor


def try_password(request: HttpRequest, *, username: str, password: str) -> Administrator | None:
    """Whose password it is, or nobody's, which counts; raises ``TooManyAttempts``."""
    with as_stranger(_is_stranger(request, username=username)):
        found = auth.authenticate(request, username=username, password=password)
    if getattr(request, "axes_locked_out", False):
        request.axes_locked_out = False  # type: ignore[attr-defined]  # answered here, for all alike
        raise TooManyAttempts()
    return found if isinstance(found, Administrator) else None


def _is_stranger(request: HttpRequest, *, username: str) -> bool:
    """Not logged in, and not in a browser where this person ever was."""
    user = getattr(request, "user", None)  # there is none where only an actor is known
    if user is None or user.is_authenticated:
        return False
    return not is_known(request, username=username)


def counted_address(request: HttpRequest) -> str | None:
    """Where guesses are counted: for IPv6 its host's network, which has addresses without end."""
    address = client_address(request)
    return str(home_of(address).network_address) if address else None


def request_of(actor: Actor) -> HttpRequest:
    """As much of a request as guesses are counted by, where only its actor is known."""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": actor.source or "", "HTTP_USER_AGENT": actor.user_agent}
    return request
