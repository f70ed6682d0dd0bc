"""The VPN's network: pure validation and arithmetic.

Private means RFC 1918. RFC 6598's 100.64.0.0/10 is refused on purpose: it belongs to carriers, and
a node behind carrier-grade NAT may have its uplink in it.
"""

import ipaddress
from collections.abc import Iterable

from cluster.errors import (
    NotAPrivateNetwork,
    VpnNetworkInvalid,
    VpnNetworkOverlaps,
    VpnNetworkTooSmall,
)

PRIVATE = tuple(
    ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)


def parse_vpn_network(
    text: str, *, max_nodes: int, field: str = "vpn_network"
) -> ipaddress.IPv4Network:
    """A private IPv4 network with room for ``max_nodes``, or raise one of the field errors."""
    network = _parse_network(text.strip(" "), field=field)
    if not any(network.subnet_of(private) for private in PRIVATE):
        raise NotAPrivateNetwork(field=field, network=network)
    if room_of(network) < max_nodes:
        raise VpnNetworkTooSmall(
            field=field, network=network, room=room_of(network), max_nodes=max_nodes
        )
    return network


def _parse_network(text: str, *, field: str) -> ipaddress.IPv4Network:
    if ":" in text:
        raise VpnNetworkInvalid(field=field, reason="The VPN's network is IPv4; this is IPv6.")
    if not text.isascii() or not text.partition("/")[2].isdigit():
        raise VpnNetworkInvalid(field=field, reason="This is not a network with a prefix length.")
    try:
        return ipaddress.IPv4Network(text)
    except ValueError as error:
        reason = "This is not an IPv4 network."
        if "host bits" in str(error):
            network = ipaddress.IPv4Network(text, strict=False)
            reason = f"This is an address inside {network}, not a network."
        raise VpnNetworkInvalid(field=field, reason=reason) from None


def room_of(network: ipaddress.IPv4Network) -> int:
    """How many nodes have an address: all but the network's own and the broadcast address."""
    return max(network.num_addresses - 2, 0)


def check_overlap(
    network: ipaddress.IPv4Network,
    others: Iterable[str],
    *,
    owner: str,
    field: str | None = "vpn_network",
) -> None:
    """Raise ``VpnNetworkOverlaps`` when the machine has one of these addresses already."""
    for text in others:
        other = ipaddress.ip_network(text, strict=False)
        if isinstance(other, ipaddress.IPv4Network) and network.overlaps(other):
            raise VpnNetworkOverlaps(field=field, network=network, other=other, owner=owner)


def lowest_free_address(network: ipaddress.IPv4Network, *, taken: Iterable[str]) -> str:
    """The first host address that no member has; the caller has made sure that there is one."""
    used = set(taken)
    return next(str(host) for host in network.hosts() if str(host) not in used)
