"""Checks of the candidate's name, its address and its HTTPS, as seen from another node."""

from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from cluster.errors import EndpointNotReachable
from cluster.preflight.checks import Check, Kind
from cluster.preflight.sights import HostSight, Sight
from nodes.models import Node

FAILED = EndpointNotReachable.code


def check_reach(node: Node, candidate: Node, *, seen: Mapping[int, Sight]) -> Iterator[Check]:
    """Name, address and HTTPS; a later one is left out where an earlier one makes it pointless."""
    host = seen[node.pk].host
    if host is None:
        return
    yield _check_name(node, candidate, host)
    if host.failed != "name":
        yield _check_address(node, candidate, seen=seen)
        yield _check_https(node, candidate, host)


def _check_name(node: Node, candidate: Node, host: HostSight) -> Check:
    origin, name = f"node{node.pk}", _name(candidate)
    if host.failed != "name":
        found = ", ".join(host.addresses)
        return Check(origin, Kind.NAME, True, f"{origin} resolves {name} to {found}.")
    detail = (
        f"{origin} cannot resolve {name}: {host.detail}. "
        f"Add the name to the DNS that {origin} asks, or to /etc/hosts there."
    )
    return Check(origin, Kind.NAME, False, detail, FAILED)


def _check_address(node: Node, candidate: Node, *, seen: Mapping[int, Sight]) -> Check:
    """Equal to what most of the others found (S25)."""
    origin, name = f"node{node.pk}", _name(candidate)
    found = {pk: host.addresses for pk, host in _hosts(seen) if host.failed != "name"}
    ours, usual = found[node.pk], _usual(found)
    if ours == usual:
        detail = f"{origin} resolves {name} to the address that the others find."
        return Check(origin, Kind.ADDRESS, True, detail)
    others = [f"node{pk}" for pk, addresses in sorted(found.items()) if addresses == usual]
    detail = (
        f"{origin} resolves {name} to {', '.join(ours)}, "
        f"but {' and '.join(others)} to {', '.join(usual)}. The name must lead to one address."
    )
    return Check(origin, Kind.ADDRESS, False, detail, FAILED)


def _check_https(node: Node, candidate: Node, host: HostSight) -> Check:
    """The very node: by its certificate, and by its own word."""
    origin, there, url = f"node{node.pk}", f"node{candidate.pk}", candidate.console_url
    problem = _https_problem(origin, candidate, host)
    if problem:
        return Check(origin, Kind.HTTPS, False, problem, FAILED)
    detail = f"{url} showed {origin} the certificate of {there}, and said that it is {there}."
    return Check(origin, Kind.HTTPS, True, detail)


def _https_problem(origin: str, candidate: Node, host: HostSight) -> str:
    there, url = f"node{candidate.pk}", candidate.console_url
    if host.failed:
        port = urlsplit(url).port or 443
        advice = f"Open TCP port {port} on the way from {origin} to {there}."
        return f"{origin} cannot reach {url} ({', '.join(host.addresses)}): {host.detail}. {advice}"
    if host.tls_fingerprint != candidate.tls_fingerprint:
        return f"{url} shows {origin} another certificate than that of {there}. Who answers there?"
    if host.node != candidate.pk:
        said = f"node{host.node}" if host.node else "no member of this cluster"
        return f"{url} answers {origin} that it is {said}, not {there}."
    return ""


def _hosts(seen: Mapping[int, Sight]) -> Iterator[tuple[int, HostSight]]:
    return ((pk, sight.host) for pk, sight in seen.items() if sight.host is not None)


def _usual(found: Mapping[int, tuple[str, ...]]) -> tuple[str, ...]:
    """What most nodes found; where as many found another, what the lowest node id found."""
    counts = Counter(found[pk] for pk in sorted(found))
    return counts.most_common(1)[0][0]


def _name(candidate: Node) -> str:
    return urlsplit(candidate.console_url).hostname or candidate.fqdn
