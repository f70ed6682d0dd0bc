"""A planned promotion: what writers, workers and people notice of it, at several sizes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.lab import fleet
from tests.lab.fleet import Fleet
from tests.lab.pinging import pinging
from tests.lab.waiting import eventually
from tests.lab.watching import watching
from tests.lab.writing import writing

TURNS = {2: 6, 4: 20, 16: 6}
"""How many promotions in a row, by the number of nodes."""
REFERENCE = 4
OUTAGE, VPN_OUTAGE, WHOLE = 2.0, 0.5, 10.0
SETTLE_SECONDS = 1.0
MAX_NODES = 20


@dataclass(frozen=True)
class Turn:
    """One promotion; all in seconds but the counts."""

    whole: float
    """From the request to the operation's success on the new leader."""
    outage: float
    """The longest time between two acknowledged writes."""
    vpn: float | None
    """The longest time between two answers of a ping from worker to worker."""
    acknowledged: int
    lost: int
    most_leaders: int


def measure(*, quick: bool) -> Section:
    """Promote to and fro between two nodes while a client writes and the others ping."""
    sizes = [REFERENCE] if quick else list(TURNS)
    turns = {size: _run(size, count=4 if quick else TURNS[size]) for size in sizes}
    return _report(turns)


def _run(size: int, *, count: int) -> list[Turn]:
    with hosts.a_lab(nodes=size) as lab:
        ships = fleet.found(lab, joined=size, max_nodes=MAX_NODES)
        return list(_turns(ships, size=size, count=count))


def _turns(ships: Fleet, *, size: int, count: int) -> Iterator[Turn]:
    for number in range(count):
        ships.wait_until_whole(size=size, within=60)
        ships.wait_until_all_know()
        time.sleep(SETTLE_SECONDS)
        yield _turn(ships, candidate=2 if number % 2 == 0 else 1, size=size)


def _turn(ships: Fleet, *, candidate: int, size: int) -> Turn:
    pair = [ships.hosts[1], ships.hosts[2]]
    source = ships.hosts[3] if size > 3 else ships.hosts[candidate]
    target = ships.address(4 if size > 3 else 3 - candidate)
    with (
        watching(pair, consoles=False) as watch,
        writing(pair, token=ships.token, nodes=[1, 2]) as writes,
        pinging(source, target) as pings,
    ):
        eventually(lambda: len(writes.acknowledged) > 5, within=20)
        began = time.monotonic()
        ended = ships.promote(candidate, within=60)
        whole = time.monotonic() - began
        so_far = len(writes.acknowledged)
        eventually(lambda: len(writes.acknowledged) > so_far + 5, within=20)
    if ended["state"] != "succeeded":
        raise AssertionError(ended)
    return Turn(
        whole,
        writes.outage,
        pings.longest_gap if size > 3 else None,
        len(writes.acknowledged),
        len(writes.lost(ships.leader)),
        watch.most_leaders,
    )


def _report(turns: dict[int, list[Turn]]) -> Section:
    seen = turns[REFERENCE]
    gaps = [turn.vpn for turn in seen if turn.vpn is not None]
    rows = [_row(size, found) for size, found in turns.items()]
    head = (
        *("nodes", "promotions", "lost writes", "operation, median s", "operation, longest s"),
        *("outage, median s", "outage, longest s", "VPN gap, median s", "VPN gap, longest s"),
    )
    return Section(
        f"A planned promotion, {len(seen)} in a row with {REFERENCE} nodes",
        (
            Figure("Acknowledged writes that were lost", sum(turn.lost for turn in seen), "", 0),
            Figure("Most leaders at once", max(turn.most_leaders for turn in seen), "", 1),
            Figure(
                "Console outage for writers, median",
                figures.median(turn.outage for turn in seen),
                "s",
                OUTAGE,
            ),
            Figure("VPN outage between two workers, longest", max(gaps), "s", VPN_OUTAGE),
            Figure("Whole operation, longest", max(turn.whole for turn in seen), "s", WHOLE),
        ),
        (figures.table(head, rows),),
    )


def _row(size: int, found: list[Turn]) -> tuple[object, ...]:
    gaps = [turn.vpn for turn in found if turn.vpn is not None]
    return (
        size,
        len(found),
        f"{sum(turn.lost for turn in found)} of {sum(turn.acknowledged for turn in found)}",
        figures.median(turn.whole for turn in found),
        max(turn.whole for turn in found),
        figures.median(turn.outage for turn in found),
        max(turn.outage for turn in found),
        figures.median(gaps) if gaps else "",
        max(gaps) if gaps else "",
    )
