"""Pings without a pause through the VPN, and the longest gap between their answers."""

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.lab.machine import Machine

INTERVAL = 0.02
_ANSWER = re.compile(r"^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=\d+ ", re.MULTILINE)


@dataclass
class Pings:
    """What one host gets from an address while it is watched; whole when that is over."""

    log: Path
    ended: float = 0.0

    @property
    def answers(self) -> list[float]:
        """When answers came, in seconds since 1970."""
        return [float(at) for at in _ANSWER.findall(self.log.read_text())]

    @property
    def longest_gap(self) -> float:
        """Seconds between two answers, or from the last one to the end."""
        came = self.answers
        return max(
            (later - earlier for earlier, later in pairwise([*came, self.ended])),
            default=float("inf"),
        )


@contextlib.contextmanager
def pinging(machine: Machine, address: str, *, interval: float = INTERVAL) -> Iterator[Pings]:
    """Ping from ``machine`` as long as the block lasts."""
    seen = Pings(machine.directory / f"pings-to-{address}.log")
    command = machine.command(["ping", "-n", "-D", "-i", str(interval), address])
    with seen.log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, env=machine.environment())
    try:
        yield seen
    finally:
        seen.ended = time.time()
        process.terminate()
        process.wait(timeout=10)
