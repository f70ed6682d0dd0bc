"""What can go wrong with the audit trail."""

from config.errors import Unavailable


class AuditUnavailable(Unavailable):
    """No event, no change."""

    code = "audit_unavailable"
    message = "The audit trail cannot be written, so nothing was changed. Try again."
