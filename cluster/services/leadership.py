"""What this node says of its cluster to whoever asks: other nodes, new machines, people in need."""

import time
from typing import Any

from django.utils import timezone

from config.version import VERSION
from nodes import role
from nodes.local_agent import AgentRefused, AgentUnavailable, get_local_agent
from nodes.role import NodeIdentity

AUDIENCE = "leadership"
CLAIM_AGE = 10.0
"""Seconds for which a signed claim is given again: asking costs the agent nothing more."""

_claims: dict[tuple[str | None, int], tuple[float, str]] = {}


def describe() -> dict[str, Any]:
    """Role, cluster and term of this node, and the leader that it follows or is."""
    present = role.current()
    is_member = present.role != role.Role.UNINITIALISED
    leader = present.leader if is_member else None
    return {
        "cluster": present.cluster if is_member else None,
        "term": present.term if is_member else 0,
        "leader": leader.id if leader else None,
        "leader_url": leader.console_url if leader else None,
        "node": present.node_id,
        "role": present.role,
        "version": VERSION,
        "time": timezone.now().isoformat(),
        "claim": _claim(present) if present.is_leader else None,
    }


def _claim(present: NodeIdentity) -> str | None:
    """The leader's word, signed by its agent; None while the agent does not answer."""
    key = (present.cluster, present.term)
    made, token = _claims.get(key, (0.0, ""))
    if token and time.monotonic() - made < CLAIM_AGE:
        return token
    try:
        token = get_local_agent().token(audience=AUDIENCE)
    except (AgentUnavailable, AgentRefused):
        return None
    _claims.clear()
    _claims[key] = (time.monotonic(), token)
    return token
