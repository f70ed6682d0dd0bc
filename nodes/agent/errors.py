"""What the agent refuses, each with a stable code; its socket answers them as ``{"code",
"detail"}``.
"""

from typing import ClassVar


class AgentError(Exception):
    """A refusal: ``message`` is a format string that is filled when the error is raised."""

    code: ClassVar[str] = "agent_error"
    message: ClassVar[str] = "The agent refused the request."
    status: ClassVar[int] = 400

    def __init__(self, **values: object) -> None:
        self.detail = self.message.format(**values)
        super().__init__(self.detail)


class DocumentError(AgentError):
    """A state document that cannot be trusted or understood."""

    code = "state_invalid"
    message = "The cluster state is not valid."


class DocumentMalformed(DocumentError):
    code = "state_malformed"
    message = "The cluster state is malformed: {problem}."


class SchemaUnsupported(DocumentError):
    code = "state_schema_unsupported"
    message = "The cluster state has schema {schema}; this version understands schema 1."


class SignatureInvalid(DocumentError):
    code = "state_signature_invalid"
    message = "The signature of the cluster state is not valid."


class WrongSigner(DocumentError):
    code = "state_wrong_signer"
    message = "The cluster state is signed by {signer}, not by the leader, node {leader}."


class ForeignCluster(DocumentError):
    code = "state_foreign_cluster"
    message = "The state belongs to the cluster {theirs}; this node belongs to {ours}."


class TermIsOld(DocumentError):
    code = "state_term_is_old"
    message = "The state is of term {theirs}; this node has already accepted term {ours}."


class GenerationIsOld(DocumentError):
    code = "state_generation_is_old"
    message = "The state is of generation {theirs}; this node already holds generation {ours}."


class GenerationDiffers(DocumentError):
    code = "state_generation_differs"
    message = "Two different states carry the same term {term} and generation {generation}."


class LeaderNotAuthorised(DocumentError):
    code = "state_leader_not_authorised"
    message = "Node {leader} claims to lead term {term} without authority: {problem}."


class SealError(AgentError):
    code = "seal_error"
    message = "The sealed part of the cluster state cannot be opened or made: {problem}."


class TokenInvalid(AgentError):
    code = "cluster_auth_error"
    message = "The token is not valid."
    status = 401


class TokenOutsideItsTime(AgentError):
    """Issued too long ago or in the future: the two clocks differ, or the token is old."""

    code = "clock_skew"
    message = "The token is outside its time: the clocks of the two nodes differ too much."
    status = 401


class Forbidden(AgentError):
    """The node is not in the situation that the call is for."""

    code = "conflict"
    message = "The node's situation does not allow it now."
    status = 409


class AlreadyMember(Forbidden):
    code = "already_member"
    message = "This node already belongs to the cluster {cluster}."


class NotLeader(Forbidden):
    code = "not_leader"
    message = "This node does not lead the cluster {cluster} in term {term}."


class LeaderCannotLeave(Forbidden):
    code = "node_is_leader"
    message = "This node leads its cluster; it leaves only by force."


class Pledged(Forbidden):
    code = "pledged"
    message = "This node has told the leader that it holds the state: only the leader decides now."


class GenerationNotNewer(Forbidden):
    code = "generation_not_newer"
    message = "Generation {theirs} is older than generation {ours}, which was signed last."


class NotListed(Forbidden):
    code = "node_not_listed"
    message = "The state does not list this machine as node {node_id} with its own three keys."


class NothingSealed(Forbidden):
    code = "nothing_sealed"
    message = "The state that this node holds has no sealed part."


class NotAMember(Forbidden):
    code = "not_a_member"
    message = "This node belongs to no cluster."


class NotRemoved(Forbidden):
    code = "node_not_removed"
    message = "This node was not removed from a cluster; there is nothing to clean up."


class LeaderInOffice(Forbidden):
    code = "node_is_leader"
    message = "This node leads its cluster in term {term}, and nobody contests it."


class AlreadyFollowed(Forbidden):
    code = "node_is_already_leader"
    message = "This node already follows node {node_id}."


class FollowsItself(Forbidden):
    code = "node_follows_itself"
    message = "This is node {node_id}: it can take the lead, but not follow itself."


class UnknownNode(Forbidden):
    code = "node_not_found"
    message = "The state that this node holds lists no node {node_id}."
    status = 404


class NotEligible(Forbidden):
    code = "node_not_eligible"
    message = "Node {node_id} is not an active node that may lead the cluster."


class GenerationNotHeld(Forbidden):
    code = "generation_not_held"
    message = "Generation {theirs} is not the one that this node holds, {ours}."


class TermNotNewer(Forbidden):
    code = "term_not_newer"
    message = "Term {theirs} is not above term {ours}, which this node knows of."


class FarewellInvalid(AgentError):
    code = "farewell_invalid"
    message = "The farewell is not for this node, or not from its leader: {problem}."
    status = 401


class CheckpointRefused(Forbidden):
    """This node remembers the audit trail otherwise."""

    code = "checkpoint_refused"


class CheckpointGoesBack(CheckpointRefused):
    code = "checkpoint_goes_back"
    message = "The audit trail has {theirs} events now; it had {ours} at {at}."


class CheckpointDiffers(CheckpointRefused):
    code = "checkpoint_differs"
    message = "Event {count} of the audit trail is another than at {at}."


class CheckpointInvalid(AgentError):
    code = "checkpoint_invalid"
    message = "The checkpoint of the audit trail is not valid: {problem}."


class RequestInvalid(AgentError):
    code = "invalid"
    message = "{problem}."
