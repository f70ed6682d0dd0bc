"""A node that cannot reach the candidate is named before anybody commits (S24, S25, S36 to S38)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.lab import fleet, membership, paths, rows, wireguard
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab

SIZE = 3


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Three nodes; node2 is the candidate, node3 has the troubles."""
    return fleet.gather(make_lab, nodes=SIZE, joined=SIZE)


@pytest.fixture
def whole(ships: Fleet) -> Fleet:
    """The same, and node1 leads."""
    ships.wait_until_whole(size=SIZE, within=30)
    if ships.leader.node_id != 1:
        assert ships.promote(1)["state"] == "succeeded"
        ships.wait_until_whole(size=SIZE)
    return ships


def look(ships: Fleet) -> dict[str, Any]:
    """What the pre-flight of node2 says."""
    return dict(expect(ships.api("GET", "nodes/2/promotion/", timeout=30), 200).body)


def failures(seen: dict[str, Any]) -> set[tuple[str, str]]:
    """Who fails at what."""
    return {(check["from"], check["kind"]) for check in seen["checks"] if not check["ok"]}


def test_every_other_node_looks_and_all_is_well(whole: Fleet) -> None:
    """S24, S36: the old leader looks too, for it will be a worker."""
    seen = look(whole)
    assert failures(seen) == set()
    assert seen["ok"] is True
    origins = {(check["from"], check["kind"]) for check in seen["checks"]}
    for origin in ("node1", "node3"):
        assert {(origin, kind) for kind in ("name", "address", "https", "vpn")} <= origins


@pytest.mark.parametrize("kind", paths.BLOCKS)
def test_one_blocked_worker_fails_the_promotion_and_is_named(whole: Fleet, kind: str) -> None:
    """S24, S36, S37: by the kind of path, before anything is changed."""
    worker, candidate = whole.hosts[3], whole.hosts[2]
    with paths.BLOCKS[kind](worker, towards=candidate):
        seen = look(whole)
        ended = promote_in_vain(whole)
    found = failures(seen)
    assert ("node3", kind) in found
    assert {origin for origin, _ in found if origin != "node2"} == {"node3"}
    assert ended["error"]["code"] == "endpoint_address_not_reachable"
    assert "node3" in ended["error"]["detail"]
    assert (whole.leader.node_id, whole.leader.node["term"]) == (1, worker.node["term"])


def promote_in_vain(ships: Fleet) -> dict[str, Any]:
    """The promotion as it ended, on the leader that stays."""
    leader = ships.leader
    operation = ships.ask_to_promote(2)
    ended = membership.outcome(leader, operation)
    assert ended["state"] == "failed", ended
    return ended


def test_a_name_with_another_address_is_a_mismatch(whole: Fleet) -> None:
    """S25."""
    with paths.name_elsewhere(whole.hosts[3], towards=whole.hosts[2]):
        seen = look(whole)
    assert ("node3", "address") in failures(seen)
    said = next(
        check["detail"]
        for check in seen["checks"]
        if (check["from"], check["kind"]) == ("node3", "address")
    )
    assert paths.WRONG_ADDRESS in said


@pytest.mark.parametrize("kind", paths.BLOCKS)
def test_unchecked_it_goes_on_and_the_blocked_worker_heals(whole: Fleet, kind: str) -> None:
    """S38: at one's own risk; the trail says so."""
    worker, candidate = whole.hosts[3], whole.hosts[2]
    with paths.BLOCKS[kind](worker, towards=candidate):
        ended = whole.promote(2, check_connectivity=False)
        assert ended["state"] == "succeeded", ended
        assert candidate.role == "leader"
        if kind == "vpn":
            assert not wireguard.reaches(worker, whole.address(2))
    eventually(lambda: whole.is_whole(size=SIZE), within=20)
    eventually(lambda: wireguard.reaches(worker, whole.address(2)), within=10)
    assert said_unchecked(whole.hosts[1]) or said_unchecked(candidate)


def said_unchecked(host: Host) -> bool:
    """Whether the host's trail has the latest promotion as unchecked."""
    asked = rows.events(host, "node.promotion.requested")
    return bool(asked) and asked[0]["details"].get("check_connectivity") is False
