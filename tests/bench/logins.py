"""What a login costs, what its time gives away, and whether many at once starve anybody."""

import json
import os
import subprocess
import sys
import tempfile
from itertools import chain
from typing import Any

from tests.bench import figures
from tests.bench.figures import Figure, Section
from tests.lab.machine import PROJECT

TRIES, ROUNDS = 200, 3
QUICK_TRIES, QUICK_ROUNDS = 40, 1
RIGHT = "right"
HEAD = ("login", "median, ms", "p95, ms", "processor, median, ms")


def measure(*, quick: bool) -> Section:
    """In a process of its own, whose database is on the disk and not in memory."""
    tries, rounds = (QUICK_TRIES, QUICK_ROUNDS) if quick else (TRIES, ROUNDS)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.guessing", str(tries), str(rounds)],
            env=os.environ | {"FLOTILLA_STATE_DIR": directory, "TMPDIR": directory},
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return _report(json.loads(done.stdout.splitlines()[-1]), tries=tries)


def _report(seen: dict[str, Any], *, tries: int) -> Section:
    clock = {name: _milliseconds(taken, 0) for name, taken in seen["ways"].items()}
    processor = {name: _milliseconds(taken, 1) for name, taken in seen["ways"].items()}
    crowd = seen["crowd"]
    lists = [1000 * seconds for seconds in crowd["lists"]]
    listed = [1000 * seconds for seconds in seen["list"]["seconds"]]
    return Section(
        f"Logging in, {tries} times each way",
        (
            Figure(
                "Processor time of a login", figures.median(chain(*processor.values())), "ms", 250
            ),
            Figure("Refusals, medians by the clock apart", _apart(clock), "%", 5),
            Figure("Refusals, medians of processor time apart", _apart(processor), "%", 5),
            Figure(
                "20 logins at once: list of nodes, p95", figures.percentile(lists, 95), "ms", 300
            ),
            Figure("20 logins at once: list of nodes, slowest", max(lists), "ms"),
            Figure("20 logins at once: the last is in", max(crowd["logins"]), "s"),
            Figure("List of 50 administrators, queries", seen["list"]["queries"], "", 8),
            Figure("List of 50 administrators, p95", figures.percentile(listed, 95), "ms", 50),
        ),
        (figures.table(HEAD, [_row(name, clock[name], processor[name]) for name in clock]),),
    )


def _milliseconds(taken: list[list[float]], which: int) -> list[float]:
    return [1000 * pair[which] for pair in taken]


def _apart(taken: dict[str, list[float]]) -> float:
    """How much slower the slowest way of being refused is than the fastest, in percent."""
    medians = [figures.median(values) for name, values in taken.items() if name != RIGHT]
    return 100 * (max(medians) / min(medians) - 1)


def _row(name: str, clock: list[float], processor: list[float]) -> tuple[object, ...]:
    p95 = figures.percentile(clock, 95)
    return name, figures.median(clock), p95, figures.median(processor)
