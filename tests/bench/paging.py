"""How long the server takes for the console's pages: it needs Django and no lab."""

import sys

from tests.bench.auditing import EVENTS, FEW, run_apart
from tests.bench.figures import Section

PAGES = (sys.executable, "-m", "tests.bench.page_times")


def measure(*, quick: bool) -> Section:
    """With a long trail, and few and many nodes."""
    return run_apart("The console's pages", PAGES, events=FEW if quick else EVENTS)
