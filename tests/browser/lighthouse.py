"""Lighthouse, asked about one page at a time in a browser where somebody is logged in already."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.lab.machine import Machine

INSTALLED = Path(__file__).parents[2] / "build" / "lighthouse" / "node_modules"
PROGRAM = INSTALLED / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices")
AT_LEAST = 95
TRIES = 3
"""The mark for performance depends on what else the machine does: the best of so many counts."""
PORT = 9222
"""Where the browser is told what to do, on its machine's loopback."""
SECONDS = 120
PATIENCE = 8000
"""Milliseconds until it waits no longer: pages that ask for their live part are never idle."""


class Device(StrEnum):
    """On which Lighthouse pretends to look: the telephone is a slow one, and far away."""

    DESKTOP = "desktop"
    TELEPHONE = "telephone"

    @property
    def options(self) -> tuple[str, ...]:
        return ("--preset=desktop",) if self is Device.DESKTOP else ("--form-factor=mobile",)


@dataclass(frozen=True)
class Scores:
    """Of one page, each of at most 100, and what took something off."""

    performance: int
    accessibility: int
    best_practices: int
    lacking: tuple[str, ...] = ()

    @property
    def lowest(self) -> int:
        return min(self.performance, self.accessibility, self.best_practices)

    @property
    def is_good(self) -> bool:
        return self.lowest >= AT_LEAST


def inspect(machine: Machine, url: str, *, device: Device) -> Scores:
    """What Lighthouse says of ``url``, with an empty cache, and the cookies of that browser."""
    with TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"  # it ends before a pipe has taken all of it
        said = machine.exec(
            *("node", str(PROGRAM), url, "--quiet", "--output=json", f"--output-path={report}"),
            *(f"--port={PORT}", f"--only-categories={','.join(CATEGORIES)}"),
            *(f"--max-wait-for-load={PATIENCE}", "--disable-full-page-screenshot"),
            *("--no-enable-error-reporting", *device.options),
            check=False,
            timeout=SECONDS,
        )
        if not report.exists():
            return Scores(0, 0, 0, (said.stderr[-200:],))
        return read(json.loads(report.read_text()), url=url)


def best(ask: Callable[[], Scores]) -> Scores:
    """Of up to three tries; the first good one is enough."""
    tried: list[Scores] = []
    while len(tried) < TRIES and not any(scores.is_good for scores in tried):
        tried.append(ask())
    return max(tried, key=lambda scores: scores.lowest)


def read(report: dict[str, Any], *, url: str) -> Scores:
    """Of the page that was asked for: another in its place, or none, has no marks."""
    if report["finalDisplayedUrl"] != url:
        return Scores(0, 0, 0, (f"led to {report['finalDisplayedUrl']}",))
    if failed := report.get("runtimeError"):
        return Scores(0, 0, 0, (failed["code"],))
    found = [report["categories"][name] for name in CATEGORIES]
    weighed = {each["id"] for category in found for each in category["auditRefs"] if each["weight"]}
    lacking = sorted(
        f"{name} {audit.get('displayValue', '')}".strip()
        for name, audit in report["audits"].items()
        if name in weighed and audit["score"] is not None and audit["score"] < 1
    )
    performance, accessibility, practices = (round(100 * (each["score"] or 0)) for each in found)
    return Scores(performance, accessibility, practices, tuple(lacking))
