"""What somebody wants to see of the trail, whichever way it was asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.bounds import read_bounds


@dataclass(frozen=True, slots=True)
class Question:
    """All that is given must fit; of several users, actions or outcomes, one of them."""

    users: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    target: str = ""
    source: str = ""
    operation: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    """Folded (``audit.canonical.fold``)."""

    @property
    def is_about_time_only(self) -> bool:
        """No event within the dates is left out."""
        return not any(
            (
                self.users,
                self.actions,
                self.outcomes,
                self.target,
                self.source,
                self.operation,
                self.text,
            )
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Ids from ``low`` to ``high``, both included."""

    low: int
    high: int

    @property
    def size(self) -> int:
        return max(0, self.high - self.low + 1)

    def above(self, low: int) -> "Span":
        """The part whose ids are at least ``low``."""
        return Span(max(self.low, low), self.high)

    def below(self, high: int) -> "Span":
        """The part whose ids are at most ``high``."""
        return Span(self.low, min(self.high, high))


def span_of(question: Question, *, before: int | None = None) -> Span:
    """Where to look: dates are ids, because time order is id order."""
    bounds = read_bounds()
    low, high = bounds
    if before is not None:
        high = min(high, before - 1)
    if question.since is not None:
        low = bounds.since(question.since)
    if question.until is not None:
        high = min(high, bounds.until(question.until))
    return Span(low, high)
