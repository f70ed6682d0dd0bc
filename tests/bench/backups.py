"""What a backup takes beyond age's own key stretching."""

import json
import os
import subprocess
import sys
import tempfile

from tests.bench import figures
from tests.bench.figures import Figure, Section
from tests.lab.machine import PROJECT

ROUNDS, QUICK_ROUNDS = 10, 3
BEYOND = 2
"""Seconds."""


def measure(*, quick: bool) -> Section:
    """In a process of its own, whose database is on the disk and not in memory."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.backing_up", str(rounds)],
            env=os.environ | {"FLOTILLA_STATE_DIR": directory, "TMPDIR": directory},
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    seen = json.loads(done.stdout.splitlines()[-1])
    taken = [sum(pair) for pair in zip(seen["backups"], seen["processes"], strict=True)]
    return Section(
        f"Backup of 254 nodes and 1,000 administrators, {rounds} times",
        (
            Figure("Beyond key stretching, slowest", max(taken), "s", BEYOND),
            Figure("Beyond key stretching, median", figures.median(taken), "s"),
            Figure("Processor time of one, the process that seals it too", seen["used"], "s"),
            Figure("Size of the file", seen["size"] / 1024, "KiB"),
        ),
    )
