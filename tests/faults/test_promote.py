"""kill -9 at every boundary of a promotion, on every side: one leader in one term within 30 s."""

import contextlib

import pytest

from cluster.models import Operation
from tests.faults import convoy, striking
from tests.faults.convoy import Convoy
from tests.faults.rows import Row, parametrize, rows
from tests.lab import membership
from tests.lab.client import Unreachable
from tests.lab.waiting import eventually
from tests.lab.watching import watching

pytestmark = [pytest.mark.faults, pytest.mark.lab]
SIDES = ("leader", "candidate", "other")


@parametrize(
    *rows(Operation.Kind.PROMOTE, where=convoy.places_of_promotion(), sides=SIDES, one_in=7)
)
def test_a_promotion_ends_with_one_leader_in_one_term(row: Row, members: Convoy) -> None:
    """S1, S26: finished or taken back, with nobody's help."""
    ships, old, term = members.ships, members.leader, members.leader.node["term"]
    where, victim = members.side(row.where), members.side(row.side)
    with watching(ships.lab.hosts, consoles=False) as seen:
        doomed = striking.arm(row, where=where, victim=victim)
        with contextlib.suppress(Unreachable):
            ships.ask_to_promote(members.subject.node_id or 0)
        striking.wait_for_restart(doomed, where=where, victim=victim)
        eventually(members.stands, within=striking.SETTLED)

    assert seen.most_leaders == 1
    assert ships.leader in (old, members.subject)
    assert ships.leader.node["term"] == term + (ships.leader is not old)
    assert len(membership.nodes(ships.leader)) == convoy.SIZE
