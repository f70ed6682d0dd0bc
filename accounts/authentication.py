"""API tokens."""

from knox.auth import TokenAuthentication


class BearerTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # untyped base
    """``Authorization: Bearer flt_…``."""
