"""Breaking one path from a host to another: HTTPS, the VPN's UDP, or the name."""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

from tests.lab.host import Host

HOOKS = ("input", "output")
WRONG_ADDRESS = "192.0.2.253"
"""In the lab's network, and nobody's."""
_numbers = itertools.count(1)


@contextlib.contextmanager
def https_blocked(host: Host, *, towards: Host) -> Iterator[None]:
    """Drop what ``host`` and the other's console say to each other, by public address."""
    with _dropped(host, towards, protocol="tcp", port=8443):
        yield


@contextlib.contextmanager
def vpn_blocked(host: Host, *, towards: Host) -> Iterator[None]:
    """Drop what ``host`` and the other say to each other by WireGuard."""
    with _dropped(host, towards, protocol="udp", port=55820):
        yield


@contextlib.contextmanager
def all_blocked(host: Host, *, towards: Host) -> Iterator[None]:
    """Drop every packet between the two, in both directions."""
    with _filtered(
        host,
        f"output ip daddr {towards.address} drop",
        f"input ip saddr {towards.address} drop",
    ):
        yield


@contextlib.contextmanager
def parted(some: Iterable[Host], others: Iterable[Host]) -> Iterator[None]:
    """Let nobody of the ones and nobody of the others hear each other; clients hear everybody."""
    with contextlib.ExitStack() as blocks:
        for host, towards in itertools.product(some, tuple(others)):
            blocks.enter_context(all_blocked(host, towards=towards))
        yield


@contextlib.contextmanager
def name_unknown(host: Host, *, towards: Host) -> Iterator[None]:
    """Let ``host`` not know the other's name."""
    with _names(host, lambda line: "" if f" {towards.fqdn} " in line else line):
        yield


@contextlib.contextmanager
def name_elsewhere(host: Host, *, towards: Host) -> Iterator[None]:
    """Let ``host`` find nobody's address for the other's name."""
    with _names(host, lambda line: line.replace(f"{towards.address} ", f"{WRONG_ADDRESS} ")):
        yield


BLOCKS: Mapping[str, Callable[..., contextlib.AbstractContextManager[None]]] = {
    "https": https_blocked,
    "vpn": vpn_blocked,
    "name": name_unknown,
}
"""By the kind of check that finds it."""


@contextlib.contextmanager
def _dropped(host: Host, towards: Host, *, protocol: str, port: int) -> Iterator[None]:
    out, back = f"ip daddr {towards.address} {protocol}", f"ip saddr {towards.address} {protocol}"
    with _filtered(
        host,
        f"output {out} dport {port} drop",
        f"output {out} sport {port} drop",
        f"input {back} dport {port} drop",
        f"input {back} sport {port} drop",
    ):
        yield


@contextlib.contextmanager
def _filtered(host: Host, *rules: str) -> Iterator[None]:
    """nftables rules in the host's own namespace, in a table of their own."""
    table = f"inet lab{next(_numbers)}"
    hooks = [f"chain {hook} {{ type filter hook {hook} priority -10; }}" for hook in HOOKS]
    added = [f"add rule {table} {rule}" for rule in rules]
    lines = [f"table {table} {{", *hooks, "}", *added]
    host.exec("nft", "-f", "-", stdin="\n".join(lines) + "\n")
    try:
        yield
    finally:
        if host.is_on:  # a power cut has taken the rules with it
            host.exec("nft", "delete", "table", *table.split(), check=False)


@contextlib.contextmanager
def _names(host: Host, change: Callable[[str], str]) -> Iterator[None]:
    """Write into ``/etc/hosts`` in place: the host has this very file mounted."""
    path = host.directory / "hosts"
    before = path.read_text()
    path.write_text("".join(map(change, before.splitlines(keepends=True))))
    try:
        yield
    finally:
        path.write_text(before)
