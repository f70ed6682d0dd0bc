"""How long a join takes, from the submit on the new node until the leader lists it as online."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.lab import membership, rows
from tests.lab.host import Host, expect
from tests.lab.waiting import eventually

JOINS, MAX_NODES = 10, 16
TARGET_SECONDS = 5
SETTLE_SECONDS = 3
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Stretch:
    """A step of the operation of one side; both in seconds, ``begin`` since the submit."""

    side: str
    name: str
    begin: float
    duration: float


@dataclass(frozen=True)
class Join:
    """One join: seconds until either side had it, by which path, and the steps that it took."""

    seconds: float
    """Until the leader listed the node as online."""
    told: float
    """Until the new node's own operation had ended."""
    path: str
    stretches: tuple[Stretch, ...]


def measure(*, quick: bool) -> Section:
    """Join one host after another, each started just before; all of them stay."""
    count = 3 if quick else JOINS
    with hosts.a_lab(nodes=count + 1) as lab:
        leader, *newcomers = lab.hosts
        for newcomer in newcomers:
            newcomer.cut_power()
        membership.create(leader, max_nodes=MAX_NODES)
        joins = [_join(newcomer, leader) for newcomer in newcomers]
    return _report(joins)


def _join(host: Host, leader: Host) -> Join:
    host.start()
    host.wait_until_ready()
    host.token()
    code = membership.join_code(leader)
    time.sleep(SETTLE_SECONDS)
    submitted = time.time()
    operation = membership.ask_to_join(host, code=code)
    eventually(
        lambda: membership.status_of(leader, host) == "online", within=60, every=POLL_SECONDS
    )
    seconds = time.time() - submitted
    ended = membership.succeed(host, operation)
    query = "SELECT path FROM nodes_contact WHERE node_id = ?"
    path = rows.select(leader, query, host.node_id)[0]["path"]
    stretches = (
        *_stretches("new node", ended, since=submitted),
        *_stretches("leader", _join_of(leader, host), since=submitted),
    )
    return Join(seconds, _seconds(ended["ended_at"]) - submitted, path, stretches)


def _join_of(leader: Host, host: Host) -> dict[str, Any]:
    """The leader's side of a host's join."""
    path = f"operations/?kind=join&node={host.node_id}"
    return dict(expect(leader.api("GET", path), 200).body["results"][0])


def _stretches(side: str, operation: dict[str, Any], *, since: float) -> list[Stretch]:
    found = []
    for step in operation["steps"]:
        begin, end = (_seconds(step[name]) for name in ("started_at", "ended_at"))
        found.append(Stretch(side, step["name"], begin - since, end - begin))
    return found


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _report(joins: list[Join]) -> Section:
    seconds, told = [join.seconds for join in joins], [join.told for join in joins]
    steps = [
        (
            same[0].side,
            same[0].name,
            figures.median(stretch.begin for stretch in same),
            figures.median(stretch.duration for stretch in same),
        )
        for same in zip(*(join.stretches for join in joins), strict=True)
    ]
    steps.sort(key=lambda row: row[2])
    return Section(
        f"A join, median of {len(joins)}",
        (
            Figure("Join, median", figures.median(seconds), "s", TARGET_SECONDS),
            Figure("Join, fastest", min(seconds), "s"),
            Figure("Join, slowest", max(seconds), "s"),
            Figure("Until the new node knows, median", figures.median(told), "s"),
            Figure("Through the VPN", [join.path for join in joins].count("vpn"), "joins"),
        ),
        (figures.table(("side", "step", "begins after, s", "takes, s"), steps),),
    )
