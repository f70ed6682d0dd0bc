"""The leader is lost: from the command on another node until it serves, and until all follow."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.lab import fleet
from tests.lab.fleet import Fleet
from tests.lab.host import Host
from tests.lab.lab import in_parallel
from tests.lab.waiting import eventually

TRIALS = {2: 5, 4: 5, 16: 3}
REFERENCE = 4
SERVES, FOLLOWS = 5.0, 10.0
MAX_NODES = 20
POLL = 0.02


@dataclass(frozen=True)
class Loss:
    """One power cut of the leader; seconds."""

    serves: float
    """From the start of the command on the candidate to its console's first 200."""
    follow: float
    """From the start of the commands on the others until all of them follow."""
    deposed: float
    """From the old leader's first answer after its return until it knows that it is deposed."""


def measure(*, quick: bool) -> Section:
    """Cut the leader's power, switch, let it return and follow; then the same with the next."""
    sizes = [REFERENCE] if quick else list(TRIALS)
    losses = {size: _run(size, count=2 if quick else TRIALS[size]) for size in sizes}
    return _report(losses)


def _run(size: int, *, count: int) -> list[Loss]:
    with hosts.a_lab(nodes=size) as lab:
        ships = fleet.found(lab, joined=size, max_nodes=MAX_NODES)
        return list(_trials(ships, size=size, count=count))


def _trials(ships: Fleet, *, size: int, count: int) -> Iterator[Loss]:
    for _ in range(count):
        ships.restore(size=size)
        yield _trial(ships)
        ships.restore(size=size)


def _trial(ships: Fleet) -> Loss:
    lost = ships.leader
    candidate, *others = ships.workers
    lost.cut_power()
    serves = _switch(ships, candidate)
    follow = _follow(ships, others, leader=candidate) if others else 0.0
    lost.start()
    lost.wait_until_ready()
    back = time.monotonic()
    eventually(lambda: lost.role == "deposed", within=60, every=POLL)
    return Loss(serves, follow, time.monotonic() - back)


def _switch(ships: Fleet, candidate: Host) -> float:
    began = time.monotonic()
    command = (*fleet.SWITCH_LEADER, f"--node={candidate.node_id}", "--yes")
    candidate.spawn(*command, log=candidate.directory / "switch.log")
    eventually(lambda: fleet.serves(candidate), within=60, every=POLL)
    return time.monotonic() - began


def _follow(ships: Fleet, others: list[Host], *, leader: Host) -> float:
    number = leader.node_id or 0
    began = time.monotonic()
    in_parallel(lambda host: ships.switch(host, to=number), others)
    eventually(lambda: all(ships.follows(host, leader=leader) for host in others), within=60)
    return time.monotonic() - began


def _report(losses: dict[int, list[Loss]]) -> Section:
    seen = losses[REFERENCE]
    head = ("nodes", "losses", "serves, median s", "serves, longest s", "all follow, longest s")
    rows = [
        (
            size,
            len(found),
            figures.median(loss.serves for loss in found),
            max(loss.serves for loss in found),
            max(loss.follow for loss in found),
        )
        for size, found in losses.items()
    ]
    return Section(
        f"A lost leader, {len(seen)} times with {REFERENCE} nodes",
        (
            Figure("Command to first 200, longest", max(one.serves for one in seen), "s", SERVES),
            Figure("All others follow, longest", max(one.follow for one in seen), "s", FOLLOWS),
            Figure("Old leader deposed, longest", max(one.deposed for one in seen), "s", FOLLOWS),
        ),
        (figures.table(head, rows),),
    )
