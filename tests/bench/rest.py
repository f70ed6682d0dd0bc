"""A leader with nothing to do: what it costs to be there."""

import time

from tests.bench import figures, hosts
from tests.bench.figures import Figure, Section
from tests.lab import membership
from tests.lab.host import Host

SETTLE_SECONDS = 20
AGENT_MIB, LEADER_MIB, CPU_PERCENT = 40, 350, 1


def measure(*, quick: bool) -> Section:
    """Memory and processor time of a cluster of one node."""
    seconds = 10 if quick else 30
    with hosts.a_lab(nodes=1) as lab:
        leader = lab.hosts[0]
        membership.create(leader)
        time.sleep(SETTLE_SECONDS)
        percent = _watch(leader, seconds=seconds)
        memory = hosts.pss_mib(leader)
    return _report(memory, percent, seconds=seconds)


def _watch(leader: Host, *, seconds: int) -> dict[str, float]:
    """Percent of one core, by kind of process."""
    before, began = hosts.cpu_seconds(leader), time.monotonic()
    time.sleep(seconds)
    used = hosts.spent(before, hosts.cpu_seconds(leader))
    elapsed = time.monotonic() - began
    return {kind: 100 * used[kind] / elapsed for kind in used}


def _report(memory: dict[str, float], percent: dict[str, float], *, seconds: int) -> Section:
    rows = [(kind, memory[kind], percent.get(kind, 0.0)) for kind in memory]
    return Section(
        f"A leader at rest, over {seconds} s",
        (
            Figure("Memory of the agent (PSS)", memory["agent"], "MiB", AGENT_MIB),
            Figure("Memory of the whole leader (PSS)", sum(memory.values()), "MiB", LEADER_MIB),
            Figure(
                "Processor time of the whole", sum(percent.values()), "% of a core", CPU_PERCENT
            ),
        ),
        (figures.table(("process", "PSS, MiB", "% of a core"), rows),),
    )
