"""Waiting for facts that other machines bring about."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NeverHappened(AssertionError):
    """What was waited for did not come in time."""


def eventually(predicate: Callable[[], T], *, within: float, every: float = 0.2) -> T:
    """The first true answer of ``predicate`` within so many seconds."""
    deadline = time.monotonic() + within
    while not (answer := predicate()):
        if time.monotonic() > deadline:
            raise NeverHappened(f"not within {within} s; the last answer was {answer!r}")
        time.sleep(every)
    return answer


def holds(predicate: Callable[[], T], *, during: float, every: float = 0.2) -> None:
    """Whether ``predicate`` stays true for so many seconds."""
    deadline = time.monotonic() + during
    while time.monotonic() < deadline:
        answer = predicate()
        if not answer:
            raise NeverHappened(f"it did not stay so for {during} s: {answer!r}")
        time.sleep(every)
