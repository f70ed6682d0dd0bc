"""A removal: from its acknowledgement until nothing of the node is heard or known."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.lab import fleet, membership, wireguard
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.pinging import pinging
from tests.lab.waiting import eventually

TRIALS = {2: 5, 4: 5, 16: 5}
REFERENCE = 4
LAST_PACKET, WHOLE = 2.0, 5.0
MAX_NODES = 40
POLL = 0.02


@dataclass(frozen=True)
class Removal:
    """Seconds after the acknowledgement."""

    last_packet: float
    """The last answer to a ping from another member through the VPN."""
    forgotten: float
    """Until no member's WireGuard has the key."""
    knows: float
    """Until the node itself says that it was removed."""
    whole: float
    """Until the operation's success."""


def measure(*, quick: bool) -> Section:
    """Remove the last node, let it start clean and join again."""
    sizes = [REFERENCE] if quick else list(TRIALS)
    removals = {size: _run(size, count=2 if quick else TRIALS[size]) for size in sizes}
    return _report(removals)


def _run(size: int, *, count: int) -> list[Removal]:
    with hosts.a_lab(nodes=size) as lab:
        ships = fleet.found(lab, joined=size, max_nodes=MAX_NODES)
        return list(_trials(ships, size=size, count=count))


def _trials(ships: Fleet, *, size: int, count: int) -> Iterator[Removal]:
    doomed = ships.lab.hosts[-1]
    for _ in range(count):
        ships.wait_until_whole(size=size, within=60)
        ships.wait_until_all_know()
        yield _trial(ships, doomed)
        ships.rejoin(doomed)


def _trial(ships: Fleet, doomed: Host) -> Removal:
    leader, known = ships.leader, wireguard.show(doomed)
    assert known is not None
    others = [host for host in ships.hosts.values() if host is not doomed]
    path = f"nodes/{doomed.node_id}/removal/"
    digest = expect(leader.api("GET", path), 200).body["digest"]
    asked = {"confirmation": f"node{doomed.node_id}", "digest": digest}
    with pinging(others[-1], ships.address(doomed.node_id or 0)) as pings:
        time.sleep(0.5)
        operation = expect(leader.api("POST", path, asked), 202).body["operation"]
        at, began = time.time(), time.monotonic()
        eventually(lambda: known.key not in fleet.keys(others), within=60, every=POLL)
        forgotten = time.monotonic() - began
        eventually(lambda: doomed.role == "removed", within=60, every=POLL)
        knows = time.monotonic() - began
        membership.succeed(leader, operation)
        whole = time.monotonic() - began
        time.sleep(0.5)
    return Removal(max(0.0, pings.answers[-1] - at), forgotten, knows, whole)


def _report(removals: dict[int, list[Removal]]) -> Section:
    seen = removals[REFERENCE]
    head = (
        *("nodes", "removals", "last packet, longest s", "forgotten by all, longest s"),
        *("it knows, longest s", "operation, median s"),
    )
    rows = [
        (
            size,
            len(found),
            max(one.last_packet for one in found),
            max(one.forgotten for one in found),
            max(one.knows for one in found),
            figures.median(one.whole for one in found),
        )
        for size, found in removals.items()
    ]
    return Section(
        f"A removal, {len(seen)} times with {REFERENCE} nodes",
        (
            Figure("Last packet, longest", max(one.last_packet for one in seen), "s", LAST_PACKET),
            Figure("Forgotten by all, longest", max(one.forgotten for one in seen), "s", WHOLE),
        ),
        (figures.table(head, rows),),
    )
