"""Measure the product against its targets; needs root, because the lab does.

Prints Markdown, keeps ``build/bench.json``, and exits with 1 when a target was missed.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from tests.bench import (
    applications,
    auditing,
    backups,
    figures,
    joining,
    leaving,
    log_store,
    logins,
    losing,
    moving,
    paging,
    rest,
    syncing,
    tabs,
)
from tests.bench.figures import Section

MEASUREMENTS = {
    "join": joining.measure,
    "promote": moving.measure,
    "lost": losing.measure,
    "remove": leaving.measure,
    "sync": syncing.measure,
    "rest": rest.measure,
    "audit": auditing.measure,
    "audit-postgresql": auditing.measure_postgresql,
    "login": logins.measure,
    "backup": backups.measure,
    "tabs": tabs.measure,
    "pages": paging.measure,
    "logs": log_store.measure,
    "applications": applications.measure,
}


def main(arguments: Sequence[str]) -> int:
    """Run the measurements that were asked for; returns the exit code."""
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument(
        "measurement", nargs="?", choices=MEASUREMENTS, help="all of them unless said otherwise"
    )
    parser.add_argument("--quick", action="store_true", help="shorter, and therefore coarser")
    options = parser.parse_args(arguments)
    if os.geteuid() != 0:
        print("The lab needs root: it makes network namespaces.", file=sys.stderr)
        return 1
    names = [options.measurement] if options.measurement else list(MEASUREMENTS)
    return run(names, quick=options.quick)


def run(names: Sequence[str], *, quick: bool) -> int:
    """Measure, print and keep."""
    machine = figures.describe_machine()
    print(figures.table(("machine", ""), machine.items()), end="\n\n", flush=True)
    sections: list[Section] = []
    for name in names:
        sections.append(MEASUREMENTS[name](quick=quick))
        print(figures.show(sections[-1]), flush=True)
    figures.keep(machine, sections)
    missed = figures.missed(sections)
    for figure in missed:
        print(
            f"Missed: {figure.name}: {figure.value:.2f} {figure.unit}, at most {figure.target:g}",
            file=sys.stderr,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
