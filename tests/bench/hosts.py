"""Labs for measuring, and what the kernel says about the processes of a host."""

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.lab import lab as labs
from tests.lab import namespaces
from tests.lab.host import Host
from tests.lab.lab import Lab

TICK = os.sysconf("SC_CLK_TCK")
NAMES = {
    "web": "gunicorn",
    "celery": "celery",
    "agent": "nodes.agent",
    "broker": "(redis|valkey)-server",
    "wireguard-go": "wireguard-go",
    "supervisor": "supervis",
}


@contextlib.contextmanager
def a_lab(*, nodes: int) -> Iterator[Lab]:
    """A lab of hosts that belong to no cluster, taken down afterwards."""
    name = f"bench{os.getpid()}"
    try:
        yield labs.up(name, nodes=nodes, joined=0)
    finally:
        labs.down(name)


def cpu_seconds(host: Host) -> dict[str, float]:
    """Processor time by kind of process, that of ended children included."""
    return _by_kind(host, _cpu_seconds)


def pss_mib(host: Host) -> dict[str, float]:
    """Memory by kind of process, what is shared divided among those who share it."""
    return _by_kind(host, _pss_mib)


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What each kind of process has used between two readings."""
    return {kind: after[kind] - before.get(kind, 0.0) for kind in after}


def _by_kind(host: Host, read: Callable[[int], float]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for pid in namespaces.processes(host.namespace):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found[_kind_of(pid)] += read(pid)
    return {kind: found[kind] for kind in (*NAMES, "others") if kind in found}


def _kind_of(pid: int) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    kinds = [kind for kind, pattern in NAMES.items() if re.search(pattern, command)]
    return kinds[0] if kinds else "others"


def _cpu_seconds(pid: int) -> float:
    """``utime``, ``stime``, ``cutime`` and ``cstime`` of proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def _pss_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
