"""Whether it is the leader that calls, or the one that led before: proved by its identity key."""

from cluster.errors.joining import ClusterAuthError
from cluster.services.proof import is_number
from nodes import role
from nodes.agent import tokens
from nodes.agent.errors import TokenInvalid
from nodes.models import Node


def authenticate_leader(token: str) -> None:
    """Raises ``ClusterAuthError`` unless the leader signed this token for this node.

    Its age is not judged, because clocks may differ: what it opens can be asked again without
    harm, and leading needs the signed handover besides.
    """
    present = role.current()
    try:
        claimed = tokens.read_unverified(token)
        tokens.verify(
            token,
            key=_key_of(claimed.issuer),
            audience=f"{present.cluster}/{present.node_id}",
            now=claimed.issued_at,
        )
    except TokenInvalid:
        raise ClusterAuthError from None


def _key_of(issuer: str) -> str:
    """Of the leader that this node follows; of any member once it leads, and is asked again."""
    present = role.current()
    if present.is_leader and is_number(issuer):
        key = Node.objects.members().filter(pk=issuer).values_list("identity_key", flat=True)
        if key:
            return key[0]
    elif present.leader is not None:
        return present.leader.identity_key
    raise ClusterAuthError
