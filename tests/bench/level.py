"""A leader with so many agents: what was seen in the measured time."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench import figures


@dataclass(frozen=True)
class Level:
    """What was seen with so many nodes."""

    nodes: int
    syncs: int
    seconds: float
    service: list[float]
    """Seconds from request to answer, without the time for which the leader held the call."""
    held: int
    failures: Mapping[str, int]
    web_seconds: float
    others_seconds: float
    generator_seconds: float

    @property
    def p95(self) -> float:
        """What 95 of 100 syncs do not pass; failed ones count as endless."""
        endless = [float("inf")] * sum(self.failures.values())
        return figures.percentile([*self.service, *endless], 95)

    @property
    def web_percent(self) -> float:
        """Processor time of the web, of one core."""
        return 100 * self.web_seconds / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of processor time of the web for one sync."""
        return 1000 * self.web_seconds / self.syncs

    def row(self) -> tuple[object, ...]:
        """For the table."""
        return (
            self.nodes,
            self.syncs / self.seconds,
            self.web_percent,
            self.cost,
            10 * self.web_percent / self.nodes,
            1000 * figures.median(self.service),
            1000 * self.p95,
            self.held,
            sum(self.failures.values()),
            100 * self.others_seconds / self.seconds,
            100 * self.generator_seconds / self.seconds,
        )


HEAD = (
    "nodes",
    "syncs/s",
    "web, % of a core",
    "web, ms/sync",
    "web, ms/s/node",
    "p50, ms",
    "p95, ms",
    "held",
    "failed",
    "rest of the leader, %",
    "generator, %",
)
