"""The audit trail's custody: the leader's signature under it, and every node's memory of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nodes.agent import signing, witness
from nodes.agent.encoding import canonical_json
from nodes.agent.errors import AgentError, CheckpointInvalid, NotAMember, NotLeader
from nodes.agent.membership import Membership
from nodes.agent.witness import Checkpoint

MANIFEST = "flotilla-manifest"
Json = dict[str, Any]


def sign_checkpoint(membership: Membership, *, count: int, digest: str) -> str:
    """The leader's word that its trail has so many events, and which is the last; this agent is
    its first witness.

    Raises NotLeader, CheckpointGoesBack or CheckpointDiffers.
    """
    record = membership.record
    if record.role != "leader" or record.node_id is None or record.cluster is None:
        raise NotLeader(cluster=record.cluster, term=record.term)
    now = datetime.fromtimestamp(membership.clock(), tz=UTC).isoformat(timespec="seconds")
    checkpoint = Checkpoint(record.cluster, record.node_id, record.term, count, digest, now)
    return membership.witness.keep(checkpoint.signed(key=membership.keys.identity)).jws


def sign_manifest(membership: Membership, manifest: Mapping[str, Any]) -> str:
    """This member's signature under what an export says of itself; raises NotAMember."""
    node_id = membership.record.own_id
    if node_id is None:
        raise NotAMember
    payload, key = canonical_json(manifest), membership.keys.identity
    return signing.sign(payload, key=key, key_id=str(node_id), kind=MANIFEST)


def bear_witness(membership: Membership, arguments: Mapping[str, Any]) -> Json:
    """The command ``witness``: remember the leader's checkpoint, and say what is remembered."""
    jws, trail, is_full = witness.check_arguments(arguments)
    refused: Json | None = None
    try:
        if jws:
            membership.witness.keep(_of_leader(membership, jws))
    except AgentError as error:
        refused = {"code": error.code, "detail": error.detail}
    kept = membership.witness.of(trail, cluster=membership.record.cluster)
    told = kept if is_full else kept[-1:]
    return {"checkpoints": witness.describe(told), "refused": refused}


def _of_leader(membership: Membership, jws: str) -> Checkpoint:
    """What the leader of this node's state signed in its term; raises CheckpointInvalid."""
    state = membership.holding.state
    if state is None:
        raise CheckpointInvalid(problem="this node holds no state")
    checkpoint = witness.read(jws, key=state.leading.identity_key)
    said = (checkpoint.cluster, checkpoint.node, checkpoint.term)
    if said != (state.cluster, state.leader, state.term):
        raise CheckpointInvalid(problem="it is not of the leader that this node follows")
    return checkpoint
