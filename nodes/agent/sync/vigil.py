"""The leader's vigil: whom it does not hear, it asks what they follow."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from nodes.agent import attestation, verdict
from nodes.agent.attestation import ClaimInvalid
from nodes.agent.history import BuiltOn, Successor
from nodes.agent.membership import Membership
from nodes.agent.state import Member
from nodes.agent.store import Holding
from nodes.agent.succession import Leadership
from nodes.agent.sync.asking import Said, ask_all
from nodes.agent.verdict import Case, Contested, Deposed, Verdict, Witness

logger = logging.getLogger(__name__)
PAUSE = 3.0
"""Seconds between two rounds, while somebody is not heard."""

AskAll = Callable[[Sequence[Member]], list[Said]]


class Vigil(threading.Thread):
    """The thread that asks; it sleeps while everybody is heard."""

    def __init__(self, membership: Membership, *, ask_all: AskAll = ask_all) -> None:
        super().__init__(name="vigil", daemon=True)
        self._membership = membership
        self._ask_all = ask_all
        self._silent: frozenset[int] | None = frozenset()
        self._called = threading.Event()

    def note(self, silent: Iterable[int] | None) -> None:
        """Whom the leader does not hear; None when it does not hear itself."""
        self._silent = None if silent is None else frozenset(silent)
        if self._suspects():
            self._called.set()

    def run(self) -> None:
        while True:
            self._called.wait()
            self._called.clear()
            while self._suspects():
                self.step()
                time.sleep(PAUSE)

    def step(self) -> None:
        """One round, and what follows from it."""
        seen = self._membership.holding
        said = self._ask_all(self._suspects())
        case = make_case(seen)
        if case is not None:
            self._conclude(verdict.judge(case, list(_witnesses(seen, said))), said, seen=seen)

    def _suspects(self) -> list[Member]:
        """Members to ask: the silent ones, and whoever contested us before."""
        held = self._membership.holding
        if held.record.role != "leader":
            return []
        others = _others(held)
        if self._silent is None:
            return others
        asked = self._silent | {contest.node_id for contest in held.record.contested}
        return [member for member in others if member.id in asked]

    def _conclude(self, found: Verdict, said: Sequence[Said], *, seen: Holding) -> None:
        if isinstance(found, Deposed):
            successor = _describe(found.successor, said, seen=seen)
            logger.warning("leader_deposed", extra={"by": successor.id, "term": successor.term})
            self._membership.depose(successor, seen=seen)
            return
        contests = found.contests if isinstance(found, Contested) else ()
        if contests != seen.record.contested:
            logger.warning("leader_contested", extra={"by": [one.node_id for one in contests]})
        self._membership.contest(contests, seen=seen)


def make_case(held: Holding) -> Case | None:
    """The leader's own side, as its holding has it; None for any other node."""
    state, own = held.state, held.leadership
    if held.record.role != "leader" or state is None or own is None:
        return None
    return Case(
        cluster=state.cluster,
        own=own,
        others=frozenset(member.id for member in _others(held)),
        recovery_key=state.recovery_key,
        handover=state.handover,
        built_on=_leadership(held.record.built_on),
        overruled=frozenset(held.record.overruled),
    )


def _others(held: Holding) -> list[Member]:
    members = held.state.members if held.state else ()
    return [one for one in members if one.status == "active" and one.id != held.record.node_id]


def _leadership(built_on: BuiltOn | None) -> Leadership | None:
    if built_on is None:
        return None
    return Leadership(built_on.term, built_on.leader, built_on.identity_key)


def _witnesses(held: Holding, said: Iterable[Said]) -> Iterable[Witness]:
    """What was answered, as far as it is signed."""
    for one in said:
        handover = one.body.get("handover")
        yield Witness(
            node_id=one.member.id,
            claimed=_read(one, cluster=held.record.cluster or ""),
            handover=handover if isinstance(handover, dict) else None,
        )


def _read(one: Said, *, cluster: str) -> Leadership | None:
    claim = one.body.get("claim")
    try:
        return attestation.read(claim, member=one.member, cluster=cluster) if claim else None
    except (ClaimInvalid, AttributeError) as error:
        logger.warning("claim_refused", extra={"node": one.member.id, "detail": str(error)})
        return None


def _describe(successor: Leadership, said: Sequence[Said], *, seen: Holding) -> Successor:
    """The new leader as our state lists it, and what it says of itself, if it was asked."""
    member = seen.state.find(successor.leader) if seen.state else None
    urls = [one.leader_url for one in said if one.leader == successor.leader]
    built_on = [one.built_on for one in said if one.leads and one.member.id == successor.leader]
    return Successor(
        id=successor.leader,
        fqdn=member.fqdn if member else "",
        console_url=member.console_url if member else next(filter(None, urls), ""),
        term=successor.term,
        built_on=next(filter(None, built_on), None),
    )
