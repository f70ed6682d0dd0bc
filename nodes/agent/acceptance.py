"""Which states a node accepts: its own cluster's, from its own term's leader or from an
authorised new one.

Nothing here reads a file or a clock: what the node trusts comes in as ``Trust``, and the answer
is a ``State`` or a DocumentError that says why not.
"""

from dataclasses import dataclass

from nodes.agent import document, succession
from nodes.agent.errors import (
    ForeignCluster,
    GenerationDiffers,
    GenerationIsOld,
    LeaderNotAuthorised,
    TermIsOld,
    WrongSigner,
)
from nodes.agent.state import State
from nodes.agent.succession import Leadership, NotAuthorised


@dataclass(frozen=True, slots=True)
class Approval:
    """Root's word on this node: follow that node when it leads a term above ``above_term``, or
    that very term, which it then claims beside the leader that we know.
    """

    cluster: str
    node_id: int
    identity_key: str
    above_term: int


@dataclass(frozen=True, slots=True)
class Trust:
    """What a node holds and therefore believes."""

    cluster: str
    leadership: Leadership
    generation: int
    recovery_key: str
    jws: str = ""
    """The state that is held, exactly as it was signed; empty when the file was lost."""
    approvals: tuple[Approval, ...] = ()


def accept(jws: str, *, trust: Trust) -> State:
    """The state, if this node may act on it; raises DocumentError. The state already held is
    accepted again.
    """
    offered = State.parse(document.read_unverified(jws))
    if offered.cluster != trust.cluster:
        raise ForeignCluster(theirs=offered.cluster, ours=trust.cluster)
    if offered.term < trust.leadership.term:
        raise TermIsOld(theirs=offered.term, ours=trust.leadership.term)
    if offered.term > trust.leadership.term or _is_approved(offered, trust=trust):
        return _accept_new_leader(jws, trust=trust)
    return _accept_known_leader(jws, trust=trust)


def accept_first(jws: str, *, leader_key: str) -> State:
    """The state that a new node starts from, signed by the leader that the join code led to."""
    leader = State.parse(document.read_unverified(jws)).leader
    return _verified(jws, leader=leader, key=leader_key)


def _accept_known_leader(jws: str, *, trust: Trust) -> State:
    state = _verified(jws, leader=trust.leadership.leader, key=trust.leadership.key)
    if state.generation < trust.generation:
        raise GenerationIsOld(theirs=state.generation, ours=trust.generation)
    if state.generation == trust.generation and trust.jws not in ("", jws):
        raise GenerationDiffers(term=state.term, generation=state.generation)
    return state


def _accept_new_leader(jws: str, *, trust: Trust) -> State:
    claimed = State.parse(document.read_unverified(jws)).leading
    state = _verified(jws, leader=claimed.id, key=claimed.identity_key)
    if not _is_approved(state, trust=trust):
        check_succession(state, since=trust.leadership, recovery_key=trust.recovery_key)
    return state


def _verified(jws: str, *, leader: int, key: str) -> State:
    """The state, signed by its own leader, who is ``leader`` with ``key``."""
    state = State.parse(document.verify(jws, keys={leader: key}))
    if (state.leader, state.leading.identity_key) != (leader, key):
        raise WrongSigner(signer=f"node {leader}", leader=state.leader)
    return state


def _is_approved(state: State, *, trust: Trust) -> bool:
    leading = state.leading
    given = Approval(trust.cluster, leading.id, leading.identity_key, trust.leadership.term)
    return given in trust.approvals


def check_succession(state: State, *, since: Leadership, recovery_key: str) -> None:
    """The chain in ``state`` proves its leader from the leadership that we know; raises
    LeaderNotAuthorised.
    """
    try:
        proven = succession.follow(
            state.handover, cluster=state.cluster, since=since, recovery_key=recovery_key
        )
    except NotAuthorised as error:
        raise LeaderNotAuthorised(leader=state.leader, term=state.term, problem=error) from error
    if proven != Leadership(state.term, state.leader, state.leading.identity_key):
        problem = "no handover, approval or recovery key vouches for it"
        raise LeaderNotAuthorised(leader=state.leader, term=state.term, problem=problem)
