"""Networks that an account or a token may come from."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from accounts.errors import InvalidNetwork

IPV6_PREFIX = 64
"""Bits of an address that one host keeps: of the rest it may choose any (RFC 4291, 2.5.1)."""


def home_of(address: str) -> IPv4Network | IPv6Network:
    """All addresses that whoever came from ``address`` can come from at will."""
    prefix = 32 if ip_address(address).version == 4 else IPV6_PREFIX
    return ip_network(f"{address}/{prefix}", strict=False)


def normalise(values: Iterable[str], *, field: str = "allowed_networks") -> list[str]:
    """CIDR notation, host bits cleared, sorted, each once; raises ``InvalidNetwork``."""
    return sorted({_normalise(value, field=field) for value in values})


def is_allowed(address: str | None, networks: list[str]) -> bool:
    """Whether ``address`` lies in one of ``networks``; no networks mean anywhere."""
    if not networks:
        return True
    if address is None:
        return False
    return any(ip_address(address) in ip_network(network) for network in networks)


def _normalise(value: str, *, field: str) -> str:
    try:
        return str(ip_network(value.strip(), strict=False))
    except ValueError:
        raise InvalidNetwork(value=value, field=field) from None
