"""What this node says of its cluster to whoever asks: other nodes, new machines, people in need."""

import time
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from cluster.models import Cluster
from config.version import VERSION
from nodes import role
from nodes.local_agent import AgentRefused, AgentUnavailable, get_local_agent
from nodes.role import NodeIdentity, Role

CLAIM_AGE = 10.0
"""Seconds for which a signed claim is given again: asking costs the agent nothing more."""
MEMBERS = (Role.LEADER, Role.WORKER, Role.DEPOSED)
HELD_AGE = 1.0
"""The same for the state that is held, which changes more often."""
Key = tuple[str | None, int, int | None]

_claims: dict[Key, tuple[float, str]] = {}
_holdings: dict[Key, tuple[float, dict[str, int] | None]] = {}


def describe() -> dict[str, Any]:
    """Role, cluster and term of this node, and the leader that it follows or is.

    A member's ``claim`` is signed by its agent; ``held`` is the state that it holds. Of the leader
    alone: how its leadership is proven (``handover``), and which state its term began with
    (``built_on``).
    """
    present = role.current()
    is_known = present.role != Role.UNINITIALISED
    leader = present.leader if is_known else None
    return {
        "cluster": present.cluster if is_known else None,
        "term": present.term if is_known else 0,
        "leader": leader.id if leader else None,
        "leader_url": leader.console_url if leader else None,
        "node": present.node_id,
        "role": present.role,
        "version": VERSION,
        "time": timezone.now().isoformat(),
        "claim": _claim(present) if present.role in MEMBERS else None,
        "held": _held(present) if present.role in MEMBERS else None,
        **_proof(present),
    }


def _proof(present: NodeIdentity) -> dict[str, Any]:
    cluster = Cluster.objects.first() if present.is_leader else None
    if cluster is None:
        return {"handover": None, "built_on": None}
    return {"handover": cluster.handover, "built_on": _describe_beginning(cluster.built_on)}


def _describe_beginning(built_on: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The state that the term began with, and how many audit events it knew of."""
    if built_on is None:
        return None
    audit = built_on.get("audit") or {}
    return {
        "term": built_on["term"],
        "generation": built_on["generation"],
        "events": audit.get("count"),
    }


def _held(present: NodeIdentity) -> dict[str, int] | None:
    """Term and generation of the state that this node's agent holds; None while it is silent."""
    key = _key(present)
    made, held = _holdings.get(key, (0.0, None))
    if held and time.monotonic() - made < HELD_AGE:
        return held
    try:
        state = get_local_agent().status()["state"]
    except (AgentUnavailable, AgentRefused):
        return None
    held = state and {"term": state["term"], "generation": state["generation"]}
    _holdings.clear()
    _holdings[key] = (time.monotonic(), held)
    return held


def _claim(present: NodeIdentity) -> str | None:
    """This node's word, signed by its agent; None while the agent does not answer."""
    key = _key(present)
    made, word = _claims.get(key, (0.0, ""))
    if word and time.monotonic() - made < CLAIM_AGE:
        return word
    try:
        word = get_local_agent().attest()
    except (AgentUnavailable, AgentRefused):
        return None
    _claims.clear()
    _claims[key] = (time.monotonic(), word)
    return word


def _key(present: NodeIdentity) -> Key:
    return present.cluster, present.term, present.leader.id if present.leader else None
