"""A cheap look at the interface, by system calls and ``/proc`` alone: no process is started.

``/sys/class/net`` is not used: inside a network namespace it may still show the machine's first
one.
"""

import fcntl
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFNETMASK = 0x8913, 0x8915, 0x891B
IFF_UP = 1
ROUTES = Path("/proc/net/route")


@dataclass(frozen=True, slots=True)
class Glance:
    """What can be seen of one interface without asking WireGuard."""

    index: int
    is_up: bool
    address: IPv4Interface | None
    networks: frozenset[IPv4Network]
    """Networks that are routed to it."""
    forwards: bool


def glance(name: str) -> Glance | None:
    """The interface as it is, or None where there is none of that name."""
    try:
        index = socket.if_nametoindex(name)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
            is_up = bool(struct.unpack("H", _ask(handle, SIOCGIFFLAGS, name)[16:18])[0] & IFF_UP)
            address = _address(handle, name)
        forwards = forwarding_path(name).read_text().strip() == "1"
    except OSError:
        return None  # it is not there, or went away while we looked
    return Glance(index, is_up, address, frozenset(networks_of(name)), forwards)


def forwarding_path(name: str) -> Path:
    return Path("/proc/sys/net/ipv4/conf") / name / "forwarding"


def networks_of(name: str) -> list[IPv4Network]:
    """Networks that the kernel routes to this interface."""
    return [network for interface, network in read_routes() if interface == name]


def read_routes() -> list[tuple[str, IPv4Network]]:
    """The kernel's main routing table: interface and network."""
    lines = ROUTES.read_text().splitlines()[1:]
    return [_route(line.split()) for line in lines]


def _route(fields: list[str]) -> tuple[str, IPv4Network]:
    address, mask = (IPv4Address(socket.ntohl(int(fields[at], 16))) for at in (1, 7))
    return fields[0], IPv4Network(f"{address}/{mask}")


def _address(handle: socket.socket, name: str) -> IPv4Interface | None:
    try:
        address = IPv4Address(_ask(handle, SIOCGIFADDR, name)[20:24])
        mask = IPv4Address(_ask(handle, SIOCGIFNETMASK, name)[20:24])
    except OSError:
        return None
    return IPv4Interface(f"{address}/{mask}")


def _ask(handle: socket.socket, request: int, name: str) -> bytes:
    return fcntl.ioctl(handle, request, struct.pack("40s", name.encode()))
