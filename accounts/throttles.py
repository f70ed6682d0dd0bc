"""Limits of the API's costly endpoints, beside those in the database."""

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from accounts.guesses import counted_address


class LoginThrottle(AnonRateThrottle):
    """Logins from one address: each costs a password hash."""

    scope = "login"

    def get_ident(self, request: Request) -> str:
        return counted_address(request._request) or ""


class ProofThrottle(UserRateThrottle):
    """Passwords and codes asked for again from somebody who is logged in."""

    scope = "proof"
