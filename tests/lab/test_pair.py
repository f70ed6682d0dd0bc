"""A cluster of two: the other node alone is more than half (S26, S39, S41)."""

import time
from collections.abc import Callable

import pytest

from tests.lab import fleet
from tests.lab.fleet import Fleet
from tests.lab.host import expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab

SIZE = 2
SERVES_WITHIN, DEPOSED_WITHIN = 5, 10


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """A leader and a worker."""
    return fleet.gather(make_lab, nodes=SIZE, joined=SIZE)


def test_the_worker_takes_over_and_the_lost_leader_is_deposed_and_follows(ships: Fleet) -> None:
    """S39, S41."""
    old, new = ships.leader, ships.workers[0]
    expect(ships.api("PATCH", "nodes/2/", {"label": "kept"}), 200)
    ships.wait_until_all_know()
    old.cut_power()
    began = time.monotonic()
    ships.switch(new, to=2)
    assert fleet.serves(new)
    assert time.monotonic() - began <= SERVES_WITHIN
    assert expect(new.api("GET", "nodes/2/"), 200).body["label"] == "kept"

    old.start()
    old.wait_until_ready()
    eventually(lambda: old.role == "deposed", within=DEPOSED_WITHIN)
    ships.switch(old, to=2)
    ships.wait_until_whole(size=SIZE, within=10)


def test_promotions_go_to_and_fro(ships: Fleet) -> None:
    """S23."""
    ships.restore(size=SIZE)
    first = ships.leader.node_id or 0
    for candidate in (3 - first, first):
        assert ships.promote(candidate)["state"] == "succeeded"
        ships.wait_until_whole(size=SIZE, within=10)


def test_a_cut_leader_goes_on_until_root_says_otherwise(ships: Fleet) -> None:
    """S26: silence proves nothing."""
    ships.restore(size=SIZE)
    leader, worker = ships.leader, ships.workers[0]
    worker.cut_link()
    time.sleep(9)
    assert leader.role == "leader"
    expect(leader.api("PATCH", "nodes/1/", {"label": "alone"}), 200)
    worker.heal_link()
    ships.wait_until_whole(size=SIZE, within=10)
