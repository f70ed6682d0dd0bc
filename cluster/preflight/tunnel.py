"""The check of the VPN: WireGuard packets that were sent just now, both ways (S37)."""

from collections.abc import Mapping

from cluster.errors import EndpointNotReachable
from cluster.preflight.checks import Check, Kind
from cluster.preflight.sights import PeerSight, Sight
from nodes.models import Node

FAILED = EndpointNotReachable.code
UNKNOWN = PeerSight(known=False, heard=False, unasked=False, endpoint="", announced="")


def check_tunnel(node: Node, candidate: Node, *, seen: Mapping[int, Sight]) -> Check:
    """What the node heard of the candidate, and the candidate of the node."""
    origin, there = f"node{node.pk}", f"node{candidate.pk}"
    problem = _problem(node, candidate, seen=seen)
    if problem:
        return Check(origin, Kind.VPN, False, problem, FAILED)
    endpoint = seen[node.pk].peers[candidate.pk].endpoint
    detail = f"{origin} and {there} exchanged WireGuard packets just now, both ways, by {endpoint}."
    return Check(origin, Kind.VPN, True, detail)


def _problem(node: Node, candidate: Node, *, seen: Mapping[int, Sight]) -> str:
    origin, there = f"node{node.pk}", f"node{candidate.pk}"
    for name, sight in ((origin, seen[node.pk]), (there, seen.get(candidate.pk))):
        if sight is None:
            return f"The VPN was not probed, because {name} did not answer."
        if sight.vpn != "up":
            return (
                f"The VPN was not probed, because it is {sight.vpn} on {name}. {sight.vpn_reason}"
            )
    outward = seen[candidate.pk].peers.get(node.pk, UNKNOWN)
    inward = seen[node.pk].peers.get(candidate.pk, UNKNOWN)
    if not (outward.known and inward.known):
        return f"The VPN was not probed: {origin} and {there} are no peers of each other yet."
    silence = _silence(node, candidate, outward=outward.heard, inward=inward.heard)
    return silence or _wrong_endpoint(node, candidate, outward=outward, inward=inward)


def _silence(node: Node, candidate: Node, *, outward: bool, inward: bool) -> str:
    """``outward``: the candidate heard the node; ``inward``: the node heard the candidate."""
    origin, there = f"node{node.pk}", f"node{candidate.pk}"
    endpoint = candidate.endpoint or "it has no public endpoint"
    _, _, port = candidate.endpoint.rpartition(":")
    advice = f"Open UDP port {port or 'of the VPN'} on the way from {origin} to {there}."
    if not (outward or inward):
        return (
            f"No WireGuard packet got through between {origin} and {there} ({endpoint}). {advice}"
        )
    if not outward:
        return f"No WireGuard packet of {origin} arrived at {there} ({endpoint}). {advice}"
    if not inward:
        back = f"Open UDP on the way from {there} to {origin} ({node.endpoint or 'no endpoint'})."
        return f"No WireGuard packet of {there} arrived at {origin}. {back}"
    return ""


def _wrong_endpoint(node: Node, candidate: Node, *, outward: PeerSight, inward: PeerSight) -> str:
    """The candidate is heard from elsewhere, and nothing has found it where it shall be."""
    is_there = inward.announced in ("", inward.endpoint)
    if is_there or (outward.unasked and node.role != Node.Role.LEADER):
        return ""
    return (
        f"node{candidate.pk} shall be found at {candidate.endpoint} ({inward.announced}), "
        f"but its WireGuard packets reach node{node.pk} from {inward.endpoint}, "
        "and none was seen to arrive the other way. Correct its address and port, or, "
        "if they are right and forwarded, promote without the check."
    )
