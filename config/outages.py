"""A database that does not take a change is refused like a trail that cannot be written (S44)."""

import structlog
from django.db import OperationalError

from audit.errors import AuditUnavailable
from config.errors import DomainError

log = structlog.get_logger(__name__)


def refusal_of(error: Exception) -> DomainError | None:
    """What people are told: of a full disk, of a file that nobody may write, of a lost connection.

    None for what is an error of ours.
    """
    if isinstance(error, DomainError):
        return error
    if not isinstance(error, OperationalError):
        return None
    log.error("database_unavailable", error=str(error))
    return AuditUnavailable()
