"""What agents cost their leader: a real leader, and more and more agents without machines."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from config.certificates import fingerprint
from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.bench.level import HEAD, Level
from tests.lab import membership
from tests.lab.host import PORT, Host, expect
from tests.lab.lab import Lab
from tests.lab.machine import Machine

SIZES = (16, 64, 254, 500, 1000)
REFERENCE, FULL = 16, 254
CPU_PERCENT, P95_SECONDS = 25, 1.0
MOST = 16_000
CREATION = {"label": "Bench", "vpn_network": "10.64.0.0/16", "max_nodes": MOST}


def measure(*, quick: bool) -> Section:
    """Cost and speed of syncs at several sizes; then ever more nodes, until they are too many."""
    with hosts.a_lab(nodes=1) as lab:
        leader = lab.hosts[0]
        asked = CREATION | {"endpoint": f"{leader.fqdn}:55820"}
        answer = expect(leader.api("POST", "cluster/create/", asked), 202)
        membership.succeed(leader, answer.body["operation"])
        levels = list(_climb(lab, quick=quick))
    return _report(levels)


def _climb(lab: Lab, *, quick: bool) -> Iterator[Level]:
    fleet: dict[str, Any] = {"keys": {}}
    for size in (REFERENCE, FULL) if quick else _sizes():
        _enlist(lab.hosts[0], fleet, size=size)
        level = _observe(lab, fleet, size=size, seconds=10 if quick else 30)
        print(dict(zip(HEAD, level.row(), strict=True)), level.failures, file=sys.stderr)
        yield level
        if size >= SIZES[-1] and level.p95 > P95_SECONDS:
            return


def _sizes() -> Iterator[int]:
    yield from SIZES
    size = SIZES[-1]
    while (size := 2 * size) < MOST:
        yield size


def _enlist(leader: Host, fleet: dict[str, Any], *, size: int) -> None:
    """Add nodes to the leader's database until there are so many without a machine."""
    missing = size - len(fleet["keys"])
    command = ("python", "-m", "tests.bench.enlist", str(missing))
    added = json.loads(leader.exec(*command, timeout=300).stdout)
    fleet.update(added | {"keys": fleet["keys"] | added["keys"]})


def _observe(lab: Lab, fleet: dict[str, Any], *, size: int, seconds: int) -> Level:
    leader = lab.hosts[0]
    server = {
        "address": leader.address,
        "port": PORT,
        "fingerprint": fingerprint(leader.state_dir / "tls" / "cert.pem"),
    }
    task = fleet | {
        "server": server,
        "warm_up": 15 + size / 40,
        "seconds": seconds,
    }
    with _generator(lab.client) as generator:
        assert generator.stdin is not None
        assert generator.stdout is not None
        json.dump(task, generator.stdin)
        generator.stdin.close()
        generator.stdout.readline()
        before = hosts.cpu_seconds(leader)
        seen = json.loads(generator.stdout.readline())
        used = hosts.spent(before, hosts.cpu_seconds(leader))
    return Level(
        nodes=size,
        syncs=len(seen["service"]),
        seconds=seen["seconds"],
        service=seen["service"],
        held=seen["held"],
        failures=seen["failures"],
        web_seconds=used["web"],
        others_seconds=sum(used.values()) - used["web"],
        generator_seconds=seen["cpu_seconds"],
    )


def _generator(client: Machine) -> subprocess.Popen[str]:
    return subprocess.Popen(
        client.command(["python", "-m", "tests.bench.agents"]),
        env=client.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _report(levels: list[Level]) -> Section:
    by_size = {level.nodes: level for level in levels}
    full, reference = by_size[FULL], by_size[REFERENCE]
    carried = [level.nodes for level in levels if level.p95 <= P95_SECONDS]
    return Section(
        "Agents syncing with one leader",
        (
            Figure(f"Web, {FULL} nodes at rest", full.web_percent, "% of a core", CPU_PERCENT),
            Figure(f"p95 of a sync, {FULL} nodes", full.p95, "s", P95_SECONDS),
            Figure(
                f"Cost of a sync, {FULL} nodes against {REFERENCE}",
                full.cost / reference.cost,
                "times",
                1,
            ),
            Figure("Nodes carried with a p95 of at most 1 s", max(carried, default=0), "nodes"),
        ),
        (figures.table(HEAD, (level.row() for level in levels)),),
    )
