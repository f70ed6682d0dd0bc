"""Networks that an account or a token may come from."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from accounts.errors import InvalidNetwork


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
