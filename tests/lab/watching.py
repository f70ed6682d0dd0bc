"""Who leads, looked at ten times a second: by what agents wrote down, and by what consoles say."""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.lab import client
from tests.lab.host import Host

PERIOD = 0.1


@dataclass(frozen=True)
class Standing:
    """What one host is: its role and term, and whom it follows (or is)."""

    role: str
    term: int
    leader: int | None


@dataclass(frozen=True)
class Sample:
    """All hosts at one moment, by name."""

    at: float
    hosts: dict[str, Standing]

    @property
    def leaders(self) -> list[str]:
        """Who leads, the living hosts only."""
        return [name for name, found in self.hosts.items() if found.role == "leader"]


@dataclass(frozen=True)
class Claim:
    """What a console answered to ``leadership``."""

    at: float
    host: str
    role: str
    term: int


@dataclass
class Watch:
    """The samples of one stretch of time; whole when it is over."""

    samples: list[Sample] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def most_leaders(self) -> int:
        """The most hosts that led at once in any sample."""
        return max(len(sample.leaders) for sample in self.samples)

    @property
    def longest_without_leader(self) -> float:
        """Seconds between two samples with a leader; one period is the resolution."""
        led = [sample.at for sample in self.samples if sample.leaders]
        ends = [self.samples[0].at, *led, self.samples[-1].at]
        return max(later - earlier for earlier, later in pairwise(ends))

    def terms(self, host: Host) -> list[int]:
        """The terms that a host had, in order, each once in a row."""
        seen = [found.hosts[host.name].term for found in self.samples if host.name in found.hosts]
        return [term for at, term in enumerate(seen) if at == 0 or seen[at - 1] != term]

    def followed(self, host: Host) -> list[int | None]:
        """Whom a host followed, in order, each once in a row."""
        seen = [found.hosts[host.name].leader for found in self.samples if host.name in found.hosts]
        return [leader for at, leader in enumerate(seen) if at == 0 or seen[at - 1] != leader]


@contextlib.contextmanager
def watching(hosts: Sequence[Host], *, consoles: bool = True) -> Iterator[Watch]:
    """Watch as long as the block lasts; the consoles are asked too, unless that is too much."""
    seen, over = Watch(), threading.Event()
    threads = [threading.Thread(target=_look, args=(hosts, seen, over))]
    asked = hosts if consoles else ()
    threads += [threading.Thread(target=_ask, args=(host, seen, over)) for host in asked]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


def standings(hosts: Sequence[Host]) -> dict[str, Standing]:
    """One moment's picture: read until two readings in a row are the same."""
    before, now = None, _read(hosts)
    while before != now:
        before, now = now, _read(hosts)
    return now


def _read(hosts: Sequence[Host]) -> dict[str, Standing]:
    found = {}
    for host in hosts:
        if host.is_on:
            node = host.node
            leader = node.get("leader") or {}
            role = str(node.get("role") or "uninitialised")
            found[host.name] = Standing(role, int(node.get("term") or 0), leader.get("id"))
    return found


def _look(hosts: Sequence[Host], seen: Watch, over: threading.Event) -> None:
    while True:
        began = time.time()
        seen.samples.append(Sample(began, standings(hosts)))
        if over.wait(max(0.0, PERIOD - (time.time() - began))):
            return


def _ask(host: Host, seen: Watch, over: threading.Event) -> None:
    client.enter(f"{host.lab}-client")
    with host.connect(timeout=1) as connections:
        while not over.wait(PERIOD):
            with contextlib.suppress(client.Unreachable):
                said = client.ask(connections, "GET", "/agent/v1/leadership").body
                seen.claims.append(Claim(time.time(), host.name, said["role"], said["term"]))
