"""What can go wrong with an operation, or with a request that is repeated."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, DomainError, Invalid, Unavailable


class OperationInProgress(Conflict):
    code = "operation_in_progress"
    message = _("Another operation is not finished yet: {kind}. Try again when it has ended.")
    retry_after = 5


class OperationNotCancellable(Conflict):
    code = "operation_not_cancellable"
    message = _("The operation can no longer be cancelled: {reason}.")


class OperationNotRetryable(Conflict):
    code = "operation_not_retryable"
    message = _("The operation cannot be started again: {reason}.")


class OperationTimedOut(Unavailable):
    code = "operation_timed_out"
    message = _("The step “{step}” was not finished in time. {detail}")


class OperationUndoIncomplete(Conflict):
    code = "operation_undo_incomplete"
    message = _("Not everything could be undone.")


class IdempotencyKeyInvalid(Invalid):
    code = "idempotency_key_invalid"
    message = _("An Idempotency-Key has 1 to 255 printable ASCII characters.")


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422
    message = _("This Idempotency-Key was used for another request. Use a new one.")


class IdempotencyInProgress(Conflict):
    code = "idempotency_in_progress"
    message = _("The first request with this Idempotency-Key is not answered yet.")
    retry_after = 1


class IdempotencyOutcomeUnknown(Conflict):
    code = "idempotency_outcome_unknown"
    message = _(
        "This node stopped while it did what was asked with this Idempotency-Key. "
        "Look whether it was done; to ask again, use a new key."
    )
