"""kill -9 at every boundary of a join, on either side: joined or untouched within 30 s."""

import contextlib

import pytest

from cluster.models import Operation
from tests.faults import striking
from tests.faults.conftest import Waters
from tests.faults.rows import Row, parametrize, rows
from tests.lab import membership
from tests.lab.client import Unreachable
from tests.lab.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.lab]
SIDES = ("leader", "newcomer")


@parametrize(
    *rows(Operation.Kind.JOIN, where="leader", sides=SIDES),
    *rows(Operation.Kind.ENROL, where="newcomer", sides=SIDES),
)
def test_a_join_ends_joined_or_untouched(row: Row, pair: Waters) -> None:
    """No ghost node, no lost address, and the code works again where nothing joined."""
    leader, newcomer = pair.leader, pair.newcomer
    before, address = striking.ids(leader) or [], striking.lowest_free_address(leader)
    asked = {"code": membership.join_code(leader), "fqdn": f"row{next(pair.names)}.lab.test"}
    newcomer.token()

    where, victim = pair.side(row.where), pair.side(row.side)
    doomed = striking.arm(row, where=where, victim=victim)
    with contextlib.suppress(Unreachable):  # the victim may be who should have answered
        newcomer.api("POST", "cluster/join/", asked)
    striking.wait_for_restart(doomed, where=where, victim=victim)
    outcome = eventually(
        lambda: striking.joined_or_untouched(leader, newcomer, before=before),
        within=striking.SETTLED,
    )

    if outcome == "untouched":
        membership.succeed(newcomer, membership.ask_to_join(newcomer, **asked))
    shown = next(node for node in membership.nodes(leader) if node["fqdn"] == asked["fqdn"])
    assert shown["vpn_address"] == address
    assert len(membership.nodes(leader)) == len(before) + 1
    eventually(lambda: striking.hub_peers(leader) == len(before), within=5)
