"""How many events fit: exact where that is cheap, and a bound where it is not."""

from dataclasses import dataclass

from audit.search.find import search_ids
from audit.search.question import Question, span_of
from audit.search.sql import MOST

BUDGET = 0.08
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many, or at least so many."""

    number: int
    is_exact: bool

    @property
    def is_beyond(self) -> bool:
        """More than anybody reads; counting went no further."""
        return self.number > MOST and not self.is_exact


def count(question: Question) -> Count:
    """All of a span are its ids, which have no gap."""
    span = span_of(question)
    if question.is_about_time_only:
        return Count(span.size, is_exact=True)
    search = search_ids(question, span, limit=MOST + 1, budget=BUDGET)
    return Count(len(search.ids), is_exact=search.is_complete or not span.size)
