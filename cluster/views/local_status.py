"""The local agent's status as pages read it: together they ask at most every two seconds."""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache

from nodes.local_agent import AgentUnavailable, get_local_agent

KEY = "agent-status"
SECONDS = 2


def agent_status() -> Mapping[str, Any] | None:
    """The status, at most ``SECONDS`` old; None while the agent does not answer."""
    known = cache.get(KEY)
    if known is None:
        known = {"status": _ask()}
        cache.set(KEY, known, SECONDS)
    status: Mapping[str, Any] | None = known["status"]
    return status


def _ask() -> Mapping[str, Any] | None:
    try:
        return get_local_agent().status()
    except AgentUnavailable:
        return None
