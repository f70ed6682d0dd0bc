"""What the machine is: read from ``/proc`` and ``/etc``, without starting a process."""

import hashlib
import itertools
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodes.agent.encoding import canonical_json
from nodes.agent.processor import Processor
from nodes.agent.version import VERSION
from nodes.agent.vpn.glance import read_routes

SAMPLE_SECONDS = 15.0
"""Between two samples, so that figures which always move do not make every sync a large one."""
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """Facts of one moment and their digest."""

    facts: dict[str, Any]
    digest: str


class Facts:
    """Samples the machine at most every few seconds."""

    def __init__(
        self,
        *,
        fqdn: str,
        vpn_interface: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fqdn = fqdn
        self._vpn_interface = vpn_interface
        self._monotonic = monotonic
        self._processor = Processor()
        self._sample: Sample | None = None
        self._sampled_at = 0.0
        self.distribution = read_distribution()

    def sample(self, *, fresh: bool = False) -> Sample:
        """The last sample, or a new one when that is old or a fresh one is asked for."""
        age = self._monotonic() - self._sampled_at
        if self._sample is None or fresh or age > SAMPLE_SECONDS:
            facts = self._collect()
            digest = hashlib.sha256(canonical_json(facts)).hexdigest()
            self._sample, self._sampled_at = Sample(facts, digest), self._monotonic()
        return self._sample

    def networks(self) -> Sequence[str]:
        """The machine's own IPv4 networks, without the VPN's and the default route."""
        routes = [route for route in read_routes() if route[0] != self._vpn_interface]
        return sorted({str(network) for _, network in routes if network.prefixlen > 0})

    def _collect(self) -> dict[str, Any]:
        return {
            "fqdn": self._fqdn,
            "version": VERSION,
            "distribution": self.distribution,
            "kernel": platform.release(),
            "architecture": platform.machine(),
            "addresses": read_addresses(),
            "networks": list(self.networks()),
            "booted_at": read_boot_time(),
            "cpus": os.cpu_count(),
            "cpu_percent": self._processor.used_percent(self._monotonic()),
            "load": [round(figure, 1) for figure in os.getloadavg()],
            "memory": read_memory(),
            "disks": read_disks(),
        }


def read_distribution(path: Path = Path("/etc/os-release")) -> str:
    """``debian 12``: the id and version that two nodes compare."""
    try:
        pairs = [line.split("=", 1) for line in path.read_text().splitlines() if "=" in line]
    except OSError:
        return "unknown"
    values = {name.strip(): value.strip().strip("\"'") for name, value in pairs}
    return f"{values.get('ID', 'linux')} {values.get('VERSION_ID', '')}".strip()


def read_boot_time(path: Path = Path("/proc/stat")) -> int:
    """Seconds since 1970."""
    line = next(line for line in path.read_text().splitlines() if line.startswith("btime"))
    return int(line.split()[1])


def read_memory(path: Path = Path("/proc/meminfo")) -> dict[str, int]:
    """Total in MiB, and the percentage in use."""
    lines = [line.split() for line in path.read_text().splitlines()]
    figures = {fields[0].rstrip(":"): int(fields[1]) for fields in lines}
    total, available = figures["MemTotal"], figures["MemAvailable"]
    return {"total_mib": total // 1024, "used_percent": round(100 * (total - available) / total)}


def read_disks(path: Path = Path("/proc/self/mounts")) -> list[dict[str, Any]]:
    """The root and what else lies on block devices, each once: MiB, and percentage in use.

    The percentage is that of ``df``: of what may be used at all.
    """
    lines = [line.split() for line in path.read_text().splitlines()]
    mounts = {device: mount for device, mount, *_ in reversed(lines) if device.startswith("/dev/")}
    disks = [_disk(mount) for mount in sorted({"/", *mounts.values()})]
    return [disk for disk in disks if disk is not None]


def _disk(mount: str) -> dict[str, Any] | None:
    try:
        figures = os.statvfs(mount)
    except OSError:
        return None  # covered by another mount, or its device is gone
    used = figures.f_blocks - figures.f_bfree
    usable = used + figures.f_bavail  # without what is reserved for root
    total_mib = figures.f_blocks * figures.f_frsize // MEBIBYTE
    percent = round(100 * used / usable) if usable else 0
    return {"path": mount, "total_mib": total_mib, "used_percent": percent}


def read_addresses(
    ipv4: Path = Path("/proc/net/fib_trie"), ipv6: Path = Path("/proc/net/if_inet6")
) -> list[str]:
    """The machine's addresses, without loopback and link-local ones."""
    return sorted(_ipv4_addresses(ipv4)) + sorted(_ipv6_addresses(ipv6))


def _ipv4_addresses(path: Path) -> set[str]:
    """The trie lists each local address on the line before its ``/32 host LOCAL``."""
    lines = path.read_text().splitlines()
    pairs = itertools.pairwise(lines)
    found = {line.split()[-1] for line, kind in pairs if "/32 host LOCAL" in kind}
    return {address for address in found if not address.startswith("127.")}


def _ipv6_addresses(path: Path) -> set[str]:
    import ipaddress

    if not path.exists():
        return set()
    fields = [line.split() for line in path.read_text().splitlines()]
    return {
        str(ipaddress.IPv6Address(bytes.fromhex(address)))
        for address, _, _, scope, *_ in fields
        if scope == "00"
    }
