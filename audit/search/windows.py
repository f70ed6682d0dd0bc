"""Looking back through ids, newest first, in windows and within a budget of time."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from audit.search.question import Span

FIRST = 5_000
SHORT, LONG = 0.01, 0.05
"""Seconds: a window that took less is followed by a larger one, one that took more by a smaller."""
GROWTH = 4
INSTANT = 1e-4
"""Seconds that every look takes, however little it looks at."""
QUICK = 1e-6
"""Seconds for an id that nothing is quicker than."""

Look = Callable[[Span, int], list[int]]
"""Ids in a span that fit, newest first, at most so many."""


@dataclass(slots=True)
class Cheaper:
    """Two ways to look at the same: by the first while it is quick, else by the cheaper one."""

    first: Look
    second: Look
    costs: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Seconds of the processor for an id, when last tried; other programs' work counts for none."""

    def __call__(self, span: Span, limit: int) -> list[int]:
        way = 0 if self.costs[0] <= max(self.costs[1], QUICK) else 1
        began = time.thread_time()
        ids = (self.first, self.second)[way](span, limit)
        self.costs[way] = (time.thread_time() - began) / span.size
        return ids


@dataclass(slots=True)
class Search:
    """What was found so far, and how far back all was looked at."""

    span: Span
    limit: int
    deadline: float
    """On the monotonic clock."""
    ids: list[int] = field(default_factory=list)
    reached: int | None = None
    """Every id from here on was looked at, unless enough was found before."""

    @property
    def wanted(self) -> int:
        """How many more."""
        return self.limit - len(self.ids)

    @property
    def rest(self) -> Span:
        """What was not looked at yet."""
        return self.span if self.reached is None else self.span.below(self.reached - 1)

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    @property
    def may_go_on(self) -> bool:
        """Something is looked at in any case, so that asking again gets further."""
        return self.wanted > 0 and (self.reached is None or self.seconds_left > 0)

    @property
    def is_complete(self) -> bool:
        """There is no other event that fits."""
        return self.wanted > 0 and self.rest.size == 0

    def note(self, ids: Sequence[int], *, reached: int) -> None:
        """Take what a window had."""
        self.ids += ids
        self.reached = reached

    def look_back(self, look: Look, *, low: int = 0, first: int | None = None) -> None:
        """Look through the rest, down to ``low``, until enough is found or time is over."""
        size = first or FIRST
        while (rest := self.rest.above(low)).size and self.may_go_on:
            window = rest.above(rest.high - size + 1)
            began = time.monotonic()
            self.note(look(window, self.wanted), reached=window.low)
            took = time.monotonic() - began
            size = min(
                _next_size(size, took=took), _fitting(size, took=took, into=self.seconds_left)
            )


def _next_size(size: int, *, took: float) -> int:
    if took < SHORT:
        return size * GROWTH
    return max(size // GROWTH, 1) if took > LONG else size


def _fitting(size: int, *, took: float, into: float) -> int:
    """As much as can be looked at, at the same pace, in the time that is left."""
    return max(int(size * into / max(took, INSTANT)), 1)
