"""What can go wrong when a machine joins, or a node proves who it is."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, DomainError, Invalid, Missing, Refused, Unavailable


class JoinCodeMissing(Invalid):
    code = "blank"
    message = _("Paste the join code that the leader shows.")


class JoinCodeMalformed(Invalid):
    code = "join_code_malformed"
    message = _("This is not a join code. A join code begins with FLT1 and a dot.")


class JoinCodeTruncated(Invalid):
    code = "join_code_truncated"
    message = _("The end of the join code is missing. Copy all of it.")


class JoinCodeCorrupted(Invalid):
    code = "join_code_corrupted"
    message = _("The join code was altered on its way. Copy it again.")


class JoinCodeExpired(Invalid):
    code = "join_code_expired"
    message = _(
        "The join code expired at {expires}; it is {now} now. Make a new one on the leader."
    )


class JoinCodeRevoked(Invalid):
    code = "join_code_revoked"
    message = _("The join code was revoked. Make a new one on the leader.")


class JoinCodeUsed(Invalid):
    code = "join_code_used"
    message = _("The join code was used by another machine. Make a new one on the leader.")


class JoinCodeLifetimeInvalid(Invalid):
    code = "join_code_lifetime_invalid"
    message = _("A join code can be used for {shortest} to {longest} seconds.")


class JoinCodeStateConflict(Conflict):
    code = "join_code_state_conflict"
    message = _("The join code is {state}; it cannot be revoked.")


class JoinCodeNotFound(Missing):
    code = "join_code_not_found"
    message = _("There is no such join code.")


class PublicKeyKnown(Conflict):
    code = "public_key_matches_existing_node"
    message = _("{node} already has one of this machine's keys.")


class VersionMismatch(Conflict):
    code = "core_version_mismatch"
    message = _(
        "The leader runs version {leader} and this machine version {node}. "
        "Install the same version on both."
    )


class ClusterAuthError(DomainError):
    """The one answer to whoever does not prove what they claim."""

    code = "cluster_auth_error"
    status = 401
    message = _("The proof was not accepted.")


class ClockSkew(DomainError):
    code = "clock_skew"
    status = 401
    message = _("The token's time is {seconds} seconds off the leader's clock.")


class TokenReplayed(DomainError):
    code = "token_replayed"
    status = 401
    message = _("The token was used already, or a newer one was.")


class NodeWithdrawn(DomainError):
    """``node_not_found`` at the agent API: what tells a node that it is no longer a member."""

    code = "node_not_found"
    status = 401
    message = _("Node {node} is not a member of this cluster. {reason}")


class TlsVerifyError(Refused):
    code = "cluster_tls_verify_error"
    message = _(
        "{url} does not show the certificate that the join code names. The code was not sent. "
        "Check the address, or join without validation if you trust the network."
    )


class ConnectionFailed(Unavailable):
    """No URL of the join code answers; definite, although the leader may come back."""

    code = "cluster_connection_error"
    message = _("The leader does not answer. {attempts}")


class JoinUnconfirmed(Conflict):
    code = "join_unconfirmed"
    message = _(
        "The leader has not confirmed the join in time. This machine goes on asking, "
        "and joins if the leader admitted it. To give up, join again."
    )


class JoinWithdrawn(Conflict):
    code = "join_withdrawn"
    message = _("The leader gave the join up. {reason} This machine is as before; try again.")


class JoinAdmitted(Conflict):
    code = "join_admitted"
    message = _("The leader has admitted this machine already. To undo it, remove the node there.")


class LeaderAnswerMalformed(Unavailable):
    code = "leader_answer_malformed"
    message = _("The leader's answer cannot be understood: {problem}.")


class LeaderRefused(DomainError):
    """The leader's own refusal, passed on with its code and sentence."""

    message = "{detail}"

    def __init__(self, *, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(field=field, detail=detail)
        vars(self).update(code=code)  # the leader's code, not this class's
