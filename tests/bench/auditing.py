"""The audit trail on both engines, each in a process of its own: it needs Django and no lab."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.figures import Figure, Section

EVENTS, FEW = 1_000_000, 100_000
TRAIL = (sys.executable, "-m", "tests.bench.audit_trail")
POSTGRESQL = (sys.executable, "-m", "tests.postgres", "--")


def measure(*, quick: bool) -> Section:
    """On SQLite."""
    return run_apart("The audit trail", TRAIL, events=FEW if quick else EVENTS)


def measure_postgresql(*, quick: bool) -> Section:
    """The same on PostgreSQL."""
    command = (*POSTGRESQL, *TRAIL)
    return run_apart("The audit trail on PostgreSQL", command, events=FEW if quick else EVENTS)


def run_apart(title: str, command: tuple[str, ...], *, events: int) -> Section:
    """What a process of its own measured: it needs Django."""
    with tempfile.TemporaryDirectory() as directory:
        kept = Path(directory) / "sections.json"
        # its exit code says whether a target was missed, and so do the figures
        subprocess.run(
            [*command, "--events", str(events), "--keep", kept], stdout=sys.stderr, check=False
        )
        sections = json.loads(kept.read_text())
    measured = [Figure(**each) for section in sections for each in section["figures"]]
    return Section(title, measured, [each for section in sections for each in section["tables"]])
