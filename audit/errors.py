"""What can go wrong with the audit trail."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, Invalid, Unavailable


class AuditUnavailable(Unavailable):
    """No event, no change."""

    code = "audit_unavailable"
    message = _("The audit trail cannot be written, so nothing was changed. Try again.")


class RetentionInvalid(Invalid):
    code = "retention_invalid"
    message = _("Give a whole number from 1 to {most}, or nothing for no limit.")


class ArchiveFailed(Unavailable):
    """Nothing has left the table."""

    code = "archive_failed"
    message = _("The archive could not be made, and every event is where it was: {problem}")


class ArchiveInvalid(Invalid):
    """Nothing was imported."""

    code = "archive_invalid"
    message = _("{problem} Nothing was imported.")


class ArchiveUnsigned(Invalid):
    code = "archive_unsigned"
    message = _(
        "Nobody signed this file, so anybody may have made it. Nothing was imported. "
        "To import it all the same, say --unsigned."
    )


class NothingToAcknowledge(Conflict):
    code = "nothing_to_acknowledge"
    message = _("Nobody remembers anything else than what the trail says. Nothing was recorded.")


class ContradictionsChanged(Conflict):
    code = "contradictions_changed"
    message = _(
        "What contradicts the trail is not what was shown any more. Look at the verification again."
    )


class NothingToArchive(Conflict):
    code = "nothing_to_archive"
    message = _(
        "No event has stayed long enough yet, or the syslog receiver lacks those that have."
    )
