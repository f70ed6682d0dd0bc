"""What a leader must think of what others say of the leadership: pure rules, decided by what is
signed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nodes.agent import succession
from nodes.agent.history import Contest
from nodes.agent.succession import Leadership, NotAuthorised


@dataclass(frozen=True, slots=True)
class Witness:
    """One member's word, its signature checked; ``handover`` is how its own leadership is proven,
    ``claimed`` is None where it only showed links.
    """

    node_id: int
    claimed: Leadership | None
    handover: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The leader's own side: its leadership, how that is proven, and who else is a member."""

    cluster: str
    own: Leadership
    others: frozenset[int]
    """The other active members: more than half of them make a majority."""
    recovery_key: str = ""
    handover: Mapping[str, Any] | None = None
    built_on: Leadership | None = None
    """The leadership that we followed before our own."""
    overruled: frozenset[int] = frozenset()
    """Members against whose word alone root has decided already."""

    @property
    def is_proven(self) -> bool:
        """Whether somebody who could give it has given us this term."""
        return self._proves(self.own, self.handover, since=self.built_on)

    def proves_later(self, handover: Mapping[str, Any] | None) -> Leadership | None:
        """The later leadership that links from our own, or the recovery key, prove."""
        proven = self._follow(handover, since=self.own)
        return proven if proven and proven.term > self.own.term else None

    def proves(self, rival: Witness) -> bool:
        """Whether a rival of our own term has it from the leader before, or the recovery key."""
        return self._proves(rival.claimed, rival.handover, since=self.built_on)

    def _proves(
        self,
        claimed: Leadership | None,
        handover: Mapping[str, Any] | None,
        *,
        since: Leadership | None,
    ) -> bool:
        if claimed is None or handover is None:
            return False
        return self._follow(handover, since=since or NOBODY) == claimed

    def _follow(
        self, handover: Mapping[str, Any] | None, *, since: Leadership
    ) -> Leadership | None:
        try:
            return succession.follow(
                handover, cluster=self.cluster, since=since, recovery_key=self.recovery_key
            )
        except NotAuthorised:
            return None


NOBODY = Leadership(0, 0, "")
"""Before the first leader: nothing but the recovery key proves anything from here."""


@dataclass(frozen=True, slots=True)
class Stays:
    """Nobody who counts says that another leads."""


@dataclass(frozen=True, slots=True)
class Contested:
    """Some say so, too few to be believed, and too many to be ignored."""

    contests: tuple[Contest, ...]


@dataclass(frozen=True, slots=True)
class Deposed:
    """Another leads."""

    successor: Leadership


Verdict = Stays | Contested | Deposed


def judge(case: Case, witnesses: Sequence[Witness]) -> Verdict:
    """Whether this leader stays, by the words of other active members; all others are not heard.

    A proof outweighs any number of words; then a majority counts, then the order of equals.
    """
    heard = [witness for witness in witnesses if witness.node_id in case.others]
    proven = _proven(case, heard)
    if proven:
        return Deposed(max(proven, key=lambda leadership: leadership.term))
    words = {one.node_id: one.claimed for one in heard}
    later = {node_id: one for node_id, one in words.items() if one and one.term > case.own.term}
    others = [claimed for claimed in later.values() if claimed.leader != case.own.leader]
    if 2 * len(others) > len(case.others):
        return Deposed(_most_named(others))
    rivals = [rival for rival in heard if _is_stronger(case, rival)]
    if rivals:
        return Deposed(_strongest(case, rivals))
    contests = tuple(
        Contest(node_id=node_id, term=claimed.term, leader=claimed.leader)
        for node_id, claimed in sorted(later.items())
        if node_id not in case.overruled
    )
    return Contested(contests) if contests else Stays()


def _proven(case: Case, heard: Sequence[Witness]) -> list[Leadership]:
    found = [case.proves_later(witness.handover) for witness in heard]
    return [leadership for leadership in found if leadership]


def _is_stronger(case: Case, rival: Witness) -> bool:
    """Whether another leader of our own term, who says so itself, goes before us."""
    claimed = rival.claimed
    if claimed is None or claimed.term != case.own.term or claimed.leader != rival.node_id:
        return False
    theirs, ours = case.proves(rival), case.is_proven
    return theirs if theirs != ours else claimed.leader < case.own.leader


def _strongest(case: Case, rivals: Sequence[Witness]) -> Leadership:
    ranked = sorted(rivals, key=lambda rival: (not case.proves(rival), rival.node_id))
    return next(rival.claimed for rival in ranked if rival.claimed)


def _most_named(claims: Sequence[Leadership]) -> Leadership:
    """The later leadership that most agree on; of several, the latest, then the lowest number."""
    return max(claims, key=lambda one: (claims.count(one), one.term, -one.leader))
