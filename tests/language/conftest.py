"""Fixtures of the walk over every page."""

from tests.walks.callers import (
    callers,
    cluster,
    joining,
    member,
    newcomer,
    nobody_is_awaited,
    quiet,
    tls_certificate,
)

__all__ = [
    "callers",
    "cluster",
    "joining",
    "member",
    "newcomer",
    "nobody_is_awaited",
    "quiet",
    "tls_certificate",
]
