"""Clocks 10 minutes apart: joins, promotions, takeovers and removals hold all the same."""

from collections.abc import Callable

import pytest

from tests.lab import fleet, membership
from tests.lab.fleet import Fleet
from tests.lab.host import expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually
from tests.lab.watching import watching
from tests.lab.writing import writing

pytestmark = pytest.mark.lab

SIZE = 4
AHEAD, BEHIND = 600, -600


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Node2 is ten minutes ahead of node1, node3 ten minutes behind, before they join."""
    lab = make_lab(nodes=SIZE, joined=0)
    leader, *others = lab.hosts
    lab.host("node2").turn_clock(seconds=AHEAD)
    lab.host("node3").turn_clock(seconds=BEHIND)
    membership.create(leader, max_nodes=16)
    for host in others:
        membership.join(host, leader=leader)
    return fleet.knowing(lab, membership.named_token(leader))


def test_all_of_them_are_online(ships: Fleet) -> None:
    ships.wait_until_whole(size=SIZE)


def test_the_preflight_warns_of_the_clocks_and_lets_it_be(ships: Fleet) -> None:
    """S36."""
    ships.wait_until_whole(size=SIZE)
    seen = expect(ships.api("GET", "nodes/2/promotion/", timeout=30), 200).body
    assert seen["ok"] is True
    said = [check["detail"] for check in seen["checks"] if check["kind"] == "clock"]
    assert any(detail.startswith("Warning") for detail in said), said


@pytest.mark.parametrize("candidate", [2, 3, 1], ids=["ahead", "behind", "back"])
def test_leadership_moves_without_loss(ships: Fleet, candidate: int) -> None:
    """S23."""
    ships.wait_until_whole(size=SIZE)
    hosts = ships.lab.hosts
    with (
        watching(hosts) as watch,
        writing(hosts, token=ships.token, nodes=[1, 4]) as writes,
    ):
        eventually(lambda: len(writes.acknowledged) > 5, within=10)
        ended = ships.promote(candidate)
        so_far = len(writes.acknowledged)
        eventually(lambda: len(writes.acknowledged) > so_far + 5, within=10)
    assert ended["state"] == "succeeded", ended
    assert watch.most_leaders == 1
    assert writes.lost(ships.leader) == []
    ships.wait_until_whole(size=SIZE, within=10)


@pytest.mark.parametrize("candidate", [2, 3], ids=["ahead", "behind"])
def test_a_lost_leader_is_replaced_and_deposed_when_it_returns(
    ships: Fleet, candidate: int
) -> None:
    """S39, S41."""
    ships.restore(size=SIZE)
    old = ships.leader
    old.cut_power()
    ships.switch(ships.hosts[candidate], to=candidate)
    for host in ships.workers:
        ships.switch(host, to=candidate)
    old.start()
    old.wait_until_ready()
    eventually(lambda: old.role == "deposed", within=10)
    ships.restore(size=SIZE)
    assert ships.leader.node_id == candidate


def test_a_removed_node_is_out_within_5_s(ships: Fleet) -> None:
    """S20."""
    ships.restore(size=SIZE)
    doomed = ships.hosts[4]
    digest = expect(ships.api("GET", "nodes/4/removal/"), 200).body["digest"]
    asked = {"confirmation": "node4", "digest": digest}
    expect(ships.api("POST", "nodes/4/removal/", asked), 202)
    eventually(lambda: doomed.role == "removed", within=5)
