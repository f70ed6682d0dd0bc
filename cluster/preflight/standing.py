"""Checks of what the leader knows already: eligibility, versions, states and clocks."""

from cluster.errors.joining import ClockSkew, VersionMismatch
from cluster.errors.leadership import NodeNotEligible
from cluster.preflight.checks import Check, Kind
from nodes.models import Node

CLOCK_TOLERANCE = 5
"""Seconds."""


def check_eligible(candidate: Node) -> Check:
    name = f"node{candidate.pk}"
    if candidate.eligible:
        return Check(name, Kind.ELIGIBLE, True, f"{name} may lead.")
    detail = f"{name} may not lead: it holds no secrets of the cluster. Make it eligible first."
    return Check(name, Kind.ELIGIBLE, False, detail, NodeNotEligible.code)


def check_version(node: Node, candidate: Node) -> Check:
    """Major and minor must be equal."""
    origin, there = f"node{node.pk}", f"node{candidate.pk}"
    ours, theirs = node.version or "unknown", candidate.version or "unknown"
    if ours.split(".")[:2] == theirs.split(".")[:2]:
        return Check(origin, Kind.VERSION, True, f"{origin} and {there} run version {theirs}.")
    detail = (
        f"{origin} runs version {ours} and {there} runs {theirs}. Install the same version on both."
    )
    return Check(origin, Kind.VERSION, False, detail, VersionMismatch.code)


def check_clock(node: Node, candidate: Node) -> Check:
    """A warning only: tokens are corrected by the leader's clock."""
    origin, there = f"node{node.pk}", f"node{candidate.pk}"
    seconds = abs(_offset(node) - _offset(candidate))
    if seconds < CLOCK_TOLERANCE:
        return Check(origin, Kind.CLOCK, True, f"The clocks of {origin} and {there} agree.")
    detail = f"Warning: the clocks of {origin} and {there} differ by {seconds} seconds. Set them."
    return Check(origin, Kind.CLOCK, True, detail, ClockSkew.code)


def check_state(node: Node, *, version: tuple[int, int]) -> Check:
    """Whether the node holds the cluster's newest state, as its last sync said."""
    origin, (term, generation) = f"node{node.pk}", version
    held = (node.contact.term, node.contact.generation)
    if held >= version:
        detail = f"{origin} holds the cluster's newest state, generation {held[1]}."
        return Check(origin, Kind.STATE, True, detail)
    lag = f"generation {held[1]} of {generation}" if held[0] == term else f"one of term {held[0]}"
    detail = f"{origin} holds an older state of the cluster, {lag}. {_refusal(node)}".strip()
    return Check(origin, Kind.STATE, False, detail, "state_outdated")


def _refusal(node: Node) -> str:
    refused = node.contact.health.get("refused_state")
    reason = refused.get("detail") if isinstance(refused, dict) else None
    return f"It refuses the newest: {reason}" if reason else "Wait until it has the newest."


def _offset(node: Node) -> int:
    """Seconds that the leader's clock is ahead of the node's."""
    offset = node.contact.health.get("clock_offset")
    return offset if isinstance(offset, int) else 0
