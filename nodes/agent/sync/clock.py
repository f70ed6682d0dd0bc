"""The leader's clock, as the Date header of its answers tells it: to a second, and good enough
for tokens.
"""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from nodes.agent.tokens import TokenIssuer

NOTICEABLE = 1.5
"""Seconds: less than this is the header's own coarseness."""


class LeaderClock:
    """Sets the token issuer right when the two clocks differ."""

    def __init__(self, issuer: TokenIssuer, *, clock: Callable[[], float] = time.time) -> None:
        self.offset = 0
        """Seconds that the leader's clock was ahead of ours at the last answer."""
        self._issuer = issuer
        self._clock = clock

    def observe(self, date: str) -> None:
        """Take note of one Date header; a missing or senseless one says nothing."""
        try:
            leader = parsedate_to_datetime(date).timestamp() + 0.5
        except ValueError:
            return
        measured = leader - self._clock()
        self.offset = round(measured) if abs(measured) > NOTICEABLE else 0
        if abs(measured - self._issuer.offset) > NOTICEABLE:
            self._issuer.offset = measured if self.offset else 0.0
