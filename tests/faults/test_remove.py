"""kill -9 at every boundary of a removal, on every side: the node is out within 30 s."""

import contextlib

import pytest

from cluster.models import Operation
from tests.faults import convoy, striking
from tests.faults.convoy import Convoy
from tests.faults.rows import Row, parametrize, rows
from tests.lab import fleet, membership, wireguard
from tests.lab.client import Unreachable
from tests.lab.host import expect
from tests.lab.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.lab]
SIDES = ("leader", "removed", "other")


@parametrize(*rows(Operation.Kind.REMOVE, where="leader", sides=SIDES, one_in=7))
def test_a_removal_ends_with_the_node_out(row: Row, members: Convoy) -> None:
    """S20: it knows, and nobody knows it, with nobody's help."""
    leader, doomed = members.leader, members.subject
    known, number = wireguard.show(doomed), doomed.node_id
    assert known is not None
    path = f"nodes/{number}/removal/"
    digest = expect(leader.api("GET", path), 200).body["digest"]

    where, victim = members.side(row.where), members.side(row.side)
    dying = striking.arm(row, where=where, victim=victim)
    with contextlib.suppress(Unreachable):
        leader.api("POST", path, {"confirmation": f"node{number}", "digest": digest})
    striking.wait_for_restart(dying, where=where, victim=victim)

    eventually(lambda: doomed.role == "removed", within=striking.SETTLED)
    eventually(lambda: members.stands(size=convoy.SIZE - 1), within=striking.SETTLED)
    assert number not in [node["id"] for node in membership.nodes(leader)]
    assert known.key not in fleet.keys([leader, members.other])
    eventually(lambda: wireguard.show(doomed) is None, within=5)
