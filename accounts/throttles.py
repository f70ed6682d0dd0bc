"""Limits of the API's costly endpoints, beside those in the database."""

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class LoginThrottle(AnonRateThrottle):
    """Logins from one address: each costs a password hash."""

    scope = "login"


class ProofThrottle(UserRateThrottle):
    """Passwords and codes asked for again from somebody who is logged in."""

    scope = "proof"
