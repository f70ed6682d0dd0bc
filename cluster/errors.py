"""What can go wrong with the cluster as a whole."""

from collections.abc import Mapping

from config.errors import Conflict, DomainError, Invalid, Missing, Refused, Unavailable
from nodes.errors import EndpointInvalid as EndpointInvalid
from nodes.errors import HostnameError as HostnameError
from nodes.errors import NodeIsLeader as NodeIsLeader


class NotLeader(Conflict):
    code = "not_leader"
    message = "This node is not the leader. {where}"


class ClusterNotCreated(Conflict):
    code = "cluster_not_created"
    message = "This node belongs to no cluster yet. Create one, or join one, first."


class ClusterAlreadySet(Conflict):
    code = "cluster_network_already_set"
    message = "This node already belongs to a cluster ({cluster})."


class ClusterIsFull(Conflict):
    code = "cluster_is_full"
    message = (
        "The cluster has {count} of at most {max_nodes} nodes. "
        "Remove a node, or raise the limit in the cluster's settings; then use the same code again."
    )


class MaxNodesTooLow(Invalid):
    code = "max_nodes_too_low"
    message = "The cluster has {count} nodes; the limit cannot be lower."


class MaxNodesTooHigh(Invalid):
    code = "max_nodes_too_high"
    message = "The VPN network {network} has room for {room} nodes; the limit cannot be higher."


class LabelInvalid(Invalid):
    code = "label_invalid"
    message = "A label has 1 to 64 printable characters."


class VpnNetworkInvalid(Invalid):
    code = "vpn_network_invalid"
    message = "{reason} A VPN network is written like 10.5.4.0/24."


class NotAPrivateNetwork(Invalid):
    code = "not_a_private_network"
    message = (
        "{network} is not a private network. "
        "Choose one inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
    )


class VpnNetworkTooSmall(Invalid):
    code = "vpn_network_too_small"
    message = "{network} has room for {room} nodes, and the cluster may have {max_nodes}."


class VpnNetworkOverlaps(Invalid):
    code = "vpn_network_overlaps"
    message = "{network} overlaps {other}, which {owner} uses already. Choose another network."


class VpnNotUp(DomainError):
    code = "vpn_not_up"
    status = 503
    message = "The VPN interface did not come up: {reason}"


class JoinCodeMissing(Invalid):
    code = "blank"
    message = "Paste the join code that the leader shows."


class JoinCodeMalformed(Invalid):
    code = "join_code_malformed"
    message = "This is not a join code. A join code begins with FLT1 and a dot."


class JoinCodeTruncated(Invalid):
    code = "join_code_truncated"
    message = "The end of the join code is missing. Copy all of it."


class JoinCodeCorrupted(Invalid):
    code = "join_code_corrupted"
    message = "The join code was altered on its way. Copy it again."


class JoinCodeExpired(Invalid):
    code = "join_code_expired"
    message = "The join code expired at {expires}; it is {now} now. Make a new one on the leader."


class JoinCodeRevoked(Invalid):
    code = "join_code_revoked"
    message = "The join code was revoked. Make a new one on the leader."


class JoinCodeUsed(Invalid):
    code = "join_code_used"
    message = "The join code was used by another machine. Make a new one on the leader."


class JoinCodeLifetimeInvalid(Invalid):
    code = "join_code_lifetime_invalid"
    message = "A join code can be used for {shortest} to {longest} seconds."


class JoinCodeStateConflict(Conflict):
    code = "join_code_state_conflict"
    message = "The join code is {state}; it cannot be revoked."


class JoinCodeNotFound(Missing):
    code = "join_code_not_found"
    message = "There is no such join code."


class PublicKeyKnown(Conflict):
    code = "public_key_matches_existing_node"
    message = "{node} already has one of this machine's keys."


class VersionMismatch(Conflict):
    code = "core_version_mismatch"
    message = (
        "The leader runs version {leader} and this machine version {node}. "
        "Install the same version on both."
    )


class ClusterAuthError(DomainError):
    """The one answer to whoever does not prove what they claim."""

    code = "cluster_auth_error"
    status = 401
    message = "The proof was not accepted."


class ClockSkew(DomainError):
    code = "clock_skew"
    status = 401
    message = "The token's time is {seconds} seconds off the leader's clock."


class TokenReplayed(DomainError):
    code = "token_replayed"
    status = 401
    message = "The token was used already, or a newer one was."


class NodeWithdrawn(DomainError):
    """``node_not_found`` at the agent API: what tells a node that it is no longer a member."""

    code = "node_not_found"
    status = 401
    message = "Node {node} is not a member of this cluster. {reason}"


class NodeRemoved(DomainError):
    """What a removed node is told for ever, with the leader's proof of it (S20)."""

    code = "node_removed"
    status = 401
    message = "Node {node} was removed from this cluster."

    def __init__(self, *, node: int, members: Mapping[str, object]) -> None:
        super().__init__(node=node)
        self.members = members
        """What the answer to an agent has beside code and detail."""


class NodeNotRemoved(Conflict):
    code = "node_not_removed"
    message = "This machine was not removed from a cluster; there is nothing to clean."


class ConfirmationMismatch(Invalid):
    """S20, S35."""

    code = "confirmation_mismatch"
    message = "Type {expected} to confirm."


class ApplicationsChanged(Conflict):
    """S19: what was confirmed is not what would be removed."""

    code = "applications_changed"
    message = "What runs on {node} has changed since the list was shown. Look at it again."


class NodeRunsAccountProvider(Conflict):
    """S16, S17."""

    code = "node_runs_account_provider"
    message = (
        "{node} runs replicas of account providers: {replicas}. Remove them first; "
        "if the node is unreachable for good, remove it with force and clean up by hand."
    )


class NodeNotReachable(Conflict):
    code = "node_not_reachable"
    message = "{node} does not answer. {advice}"


class EndpointNotReachable(Conflict):
    """S36: each node that failed is named, with its reason."""

    code = "endpoint_address_not_reachable"
    message = "{failures}"


class FollowUpNotFound(Missing):
    code = "follow_up_not_found"
    message = "There is no such follow-up."


class TlsVerifyError(Refused):
    code = "cluster_tls_verify_error"
    message = (
        "{url} does not show the certificate that the join code names. The code was not sent. "
        "Check the address, or join without validation if you trust the network."
    )


class ConnectionFailed(Unavailable):
    """No URL of the join code answers; definite, although the leader may come back."""

    code = "cluster_connection_error"
    message = "The leader does not answer. {attempts}"


class JoinUnconfirmed(Conflict):
    code = "join_unconfirmed"
    message = (
        "The leader has not confirmed the join in time. This machine goes on asking, "
        "and joins if the leader admitted it. To give up, join again."
    )


class JoinWithdrawn(Conflict):
    code = "join_withdrawn"
    message = "The leader gave the join up. {reason} This machine is as before; try again."


class JoinAdmitted(Conflict):
    code = "join_admitted"
    message = "The leader has admitted this machine already. To undo it, remove the node there."


class LeaderAnswerMalformed(Unavailable):
    code = "leader_answer_malformed"
    message = "The leader's answer cannot be understood: {problem}."


class LeaderRefused(DomainError):
    """The leader's own refusal, passed on with its code and sentence."""

    message = "{detail}"

    def __init__(self, *, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(field=field, detail=detail)
        vars(self).update(code=code)  # the leader's code, not this class's


class OperationInProgress(Conflict):
    code = "operation_in_progress"
    message = "Another operation is not finished yet: {kind}. Try again when it has ended."
    retry_after = 5


class OperationNotCancellable(Conflict):
    code = "operation_not_cancellable"
    message = "The operation can no longer be cancelled: {reason}."


class OperationNotRetryable(Conflict):
    code = "operation_not_retryable"
    message = "The operation cannot be started again: {reason}."


class OperationTimedOut(Unavailable):
    code = "operation_timed_out"
    message = "The step “{step}” was not finished in time. {detail}"


class OperationUndoIncomplete(Conflict):
    code = "operation_undo_incomplete"
    message = "Not everything could be undone."


class IdempotencyKeyInvalid(Invalid):
    code = "idempotency_key_invalid"
    message = "An Idempotency-Key has 1 to 255 printable ASCII characters."


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422
    message = "This Idempotency-Key was used for another request. Use a new one."


class IdempotencyInProgress(Conflict):
    code = "idempotency_in_progress"
    message = "The first request with this Idempotency-Key is not answered yet."
    retry_after = 1


class IdempotencyOutcomeUnknown(Conflict):
    code = "idempotency_outcome_unknown"
    message = (
        "This node stopped while it did what was asked with this Idempotency-Key. "
        "Look whether it was done; to ask again, use a new key."
    )


class LeaderWorks(NodeIsLeader):
    message = "{node} leads the cluster and works. To move the leadership, promote another node."


class NodeIsAlreadyLeader(Conflict):
    code = "node_is_already_leader"
    message = "{node} leads the cluster already."


class NodeNotEligible(Conflict):
    code = "node_not_eligible"
    message = "{node} is not eligible to lead the cluster. {advice}"


class NotAMember(Conflict):
    code = "not_a_member"
    message = "This machine belongs to no cluster, so there is no leader to switch. {advice}"


class LeaderDeposed(Conflict):
    """Another node leads a later term: this one only shows what it knew."""

    code = "leader_deposed"
    message = (
        "This node no longer leads the cluster; {leader} does: {url} "
        "Make the change there, and have this node follow it."
    )


class DeposedCannotLead(LeaderDeposed):
    message = (
        "This node no longer leads the cluster; {leader} does. Have it follow that node first "
        "(switch-leader --node {node}); promote it from the new leader's console afterwards."
    )


class LeadershipContested(Unavailable):
    """Some other nodes follow another leader, but not more than half of them."""

    code = "leadership_contested"
    message = (
        "Changes are suspended, because another node claims to lead this cluster: {claims} "
        "Decide first: follow it, or confirm that this node leads."
    )


class RecoveryKeyInvalid(Invalid):
    code = "recovery_key_invalid"
    message = (
        "This is not a recovery key: {reason} It was shown when the cluster was created, "
        "and begins with FLTR1 and a dot."
    )


class RecoveryKeyWrong(Refused):
    code = "recovery_key_wrong"
    message = "This is the recovery key of another cluster. Nothing was changed."


class LeadershipMoving(Unavailable):
    """For less than a second or two, while the last state travels to the next leader."""

    code = "leadership_moving"
    message = "The cluster is moving to another leader; nothing changes meanwhile. Try again."
    retry_after = 1


class LeaderLost(Conflict):
    """The end of an operation that another leader than the one that began it cannot go on with."""

    code = "leader_lost"
    message = "The leader that began this is gone, and {leader} has taken over. Start it again."


class StateNotHeld(Conflict):
    code = "state_not_held"
    message = "This node holds state {held} and not {wanted}."


class TakeoverNotPrepared(Conflict):
    code = "takeover_not_prepared"
    message = "This node has not prepared to lead from generation {generation} on."


class SealedPartUnreadable(Conflict):
    code = "sealed_part_unreadable"
    message = "The sealed part of the cluster's state cannot be read: {problem}."
