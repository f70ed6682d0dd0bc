"""Finding the leader again, when the one that is known is silent or leads no more."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from nodes.agent.membership import Membership
from nodes.agent.state import Member
from nodes.agent.sync.asking import Said, ask_all

MOST_COURTED = 3
"""Candidates of one round: whoever calls itself leader costs no more than that."""
BETWEEN_ROUNDS = 1.5
"""Seconds."""


class Suitor(Protocol):
    """``Courtship``, as far as it is needed here."""

    def court(self, member: Member) -> bool: ...


class AskAll(Protocol):
    def __call__(
        self, members: Sequence[Member], *, is_enough: Callable[[Said], bool]
    ) -> list[Said]: ...


class Finder:
    """Asks other members whom they follow, and courts whoever may lead us now."""

    def __init__(
        self,
        membership: Membership,
        suitor: Suitor,
        *,
        ask_all: AskAll = ask_all,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._membership = membership
        self._suitor = suitor
        self._ask_all = ask_all
        self._monotonic = monotonic
        self._last_round = float("-inf")

    def court_approved(self) -> bool:
        """Whether a node that root has named leads us now."""
        named = [given.node_id for given in self._membership.record.approvals]
        return self._court(named)

    def search(self, *, named: int | None = None) -> bool:
        """Whether a new leader was found; ``named`` is whom the old one has told us."""
        if named is not None and self._court([named]):
            return True
        if self._monotonic() - self._last_round < BETWEEN_ROUNDS:
            return False
        self._last_round = self._monotonic()
        return self._court(self._ask_round())

    def _ask_round(self) -> list[int]:
        """Who leads a later term, or is said to; the latest first."""
        said = self._ask_all(self._members(), is_enough=self._leads_later)
        later = [one for one in said if one.term > self._term()]
        latest = sorted(later, key=lambda one: (one.term, one.leads), reverse=True)
        return [one.member.id if one.leads else one.leader for one in latest]

    def _court(self, candidates: Iterable[int]) -> bool:
        held = self._membership.holding
        state, own = held.state, held.record.own_id
        if state is None:
            return False
        distinct = [one for one in dict.fromkeys(candidates) if one != own]
        members = [member for one in distinct if (member := state.find(one))]
        return any(self._suitor.court(member) for member in members[:MOST_COURTED])

    def _members(self) -> list[Member]:
        """Everybody but us and the leader that does not answer."""
        held = self._membership.holding
        leader = held.record.leader.id if held.record.leader else None
        known = held.state.members if held.state else ()
        others = [one for one in known if one.id not in (held.record.own_id, leader)]
        return [member for member in others if member.status == "active"]

    def _leads_later(self, said: Said) -> bool:
        return said.leads and said.term > self._term()

    def _term(self) -> int:
        known = self._membership.holding.leadership
        return known.term if known else 0
