"""Who calls: a node proves itself with a token that its identity key signed, once (S20)."""

from django.utils import timezone

from cluster.errors.joining import ClockSkew, ClusterAuthError, NodeWithdrawn
from cluster.models import Operation
from cluster.services import farewell
from nodes import role
from nodes.agent import tokens
from nodes.agent.errors import TokenInvalid, TokenOutsideItsTime
from nodes.agent.tokens import Claims
from nodes.services.callers import Caller, find_caller

LONGEST_NUMBER = 9


def authenticate(token: str, *, cluster: str) -> tuple[Caller, Claims]:
    """The member that signed this token for this cluster, now; ``sync`` checks its only use.

    Raises what ``identify`` does, and ``NodeRemoved``: a removed node's token opens nothing.
    """
    caller, claims = identify(token, cluster=cluster)
    if caller.is_removed:
        raise farewell.refusal(caller)
    return caller, claims


def identify(token: str, *, cluster: str) -> tuple[Caller, Claims]:
    """The node that signed this token, whether it is a member still or was removed.

    Raises ``ClusterAuthError``, ``ClockSkew``, and ``NodeWithdrawn`` for a number that no node
    has: that is how a machine learns that its join was undone.
    """
    now = timezone.now().timestamp()
    try:
        claimed = tokens.read_unverified(token)
        caller = _find(claimed.issuer)
        if caller is None:
            raise NodeWithdrawn(node=claimed.issuer, reason=_reason_for(claimed, token))
        audience = _audience(claimed, cluster=cluster)
        return caller, tokens.verify(token, key=caller.identity_key, audience=audience, now=now)
    except TokenInvalid:
        raise ClusterAuthError from None
    except TokenOutsideItsTime:
        raise ClockSkew(seconds=round(abs(now - claimed.issued_at))) from None


def _audience(claimed: Claims, *, cluster: str) -> str:
    """The cluster; or this very node, where a token for it must open no other node's door."""
    here = f"{cluster}/{role.current().node_id}"
    return here if claimed.audience == here else cluster


def is_number(issuer: str) -> bool:
    """Whether it can be a node's: some digits are not ASCII, and some numbers no database holds."""
    return issuer.isascii() and issuer.isdigit() and len(issuer) <= LONGEST_NUMBER


def _find(issuer: str) -> Caller | None:
    if not is_number(issuer):
        raise TokenInvalid
    return find_caller(int(issuer))


def _reason_for(claimed: Claims, token: str) -> str:
    """Why its join was undone: for the machine itself only, which holds the key it came with."""
    join = Operation.objects.filter(
        kind=Operation.Kind.JOIN,
        parameters__node_id=int(claimed.issuer),
        parameters__identity_key=claimed.key,
    ).first()
    if join is None:
        return ""
    tokens.verify(token, key=claimed.key, audience=claimed.audience, now=claimed.issued_at)
    return join.error_detail
