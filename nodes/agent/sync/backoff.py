"""How long to wait after failures: soon at first, never long, and not in step with the other
nodes.
"""

import random

PAUSES = (0.1, 0.5, 1.0, 2.0, 2.5)
"""Seconds; with the jitter at most 3, so that a node is back within 5 s of its leader."""


class Backoff:
    """Counts failures in a row."""

    def __init__(self) -> None:
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    def next_pause(self) -> float:
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        return jittered(pause)


def jittered(seconds: float, *, spread: float = 0.2) -> float:
    """About this long."""
    return seconds * random.uniform(1 - spread, 1 + spread)  # noqa: S311 - spreads load only
