"""Another node leads while the old leader works (S23 to S35)."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab import fleet, membership, wireguard
from tests.lab.client import Answer
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.pinging import Pings, pinging
from tests.lab.waiting import eventually
from tests.lab.watching import Watch, watching
from tests.lab.writing import Writes, writing

pytestmark = pytest.mark.lab

SIZE = 4
OUTAGE, WITHOUT_LEADER, VPN_GAP, WHOLE_OPERATION = 5, 2, 2, 15
"""Seconds that a test bears on a busy machine; ``make bench`` has the real targets."""
TIMES = 20 if os.environ.get("FLOTILLA_FAULTS") == "all" else 4


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Four nodes."""
    return fleet.gather(make_lab, nodes=SIZE, joined=SIZE)


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code."""
    return answer.status, str(answer.body["errors"][0]["code"])


def ask(ships: Fleet, node_id: int, **changes: object) -> Answer:
    """A promotion as the console asks for it."""
    asked = {
        "confirmation": f"node{node_id}",
        "vpn_address": f"node{node_id}.lab.test",
        "vpn_port": 55820,
    }
    return ships.api("POST", f"nodes/{node_id}/promotion/", asked | changes)


@pytest.mark.parametrize(
    ("node_id", "changes", "code"),
    [
        (1, {}, "node_is_already_leader"),
        (99, {}, "node_not_found"),
        (2, {"confirmation": "node3"}, "confirmation_mismatch"),
        (2, {"vpn_address": "not a name"}, "endpoint_invalid"),
        (2, {"vpn_port": 70000}, "endpoint_invalid"),
    ],
)
def test_a_mistake_is_refused_by_its_code(
    ships: Fleet, node_id: int, changes: dict[str, object], code: str
) -> None:
    """S30 to S35."""
    term = ships.leader.node["term"]
    assert refusal(ask(ships, node_id, **changes))[1] == code
    assert ships.leader.node["term"] == term


@dataclass(frozen=True)
class Promotion:
    """What was seen while node2 became the leader."""

    old: Host
    new: Host
    login: str
    operation: dict[str, Any]
    seconds: float
    watch: Watch
    writes: Writes
    pings: Pings


@pytest.fixture(scope="module")
def promotion(ships: Fleet) -> Promotion:
    """Node2 is promoted while a client writes, a worker pings another, and all are watched."""
    old, new = ships.leader, ships.hosts[2]
    login = old.log_in(**old.administrator)["token"]
    ships.wait_until_whole(size=SIZE)
    hosts = ships.lab.hosts
    with (
        watching(hosts) as watch,
        writing(hosts, token=ships.token, nodes=[1, 2, 3, 4]) as writes,
        pinging(ships.hosts[3], ships.address(4)) as pings,
    ):
        time.sleep(1)
        began = time.monotonic()
        operation = ships.promote(2)
        seconds = time.monotonic() - began
        time.sleep(1)
    return Promotion(old, new, login, operation, seconds, watch, writes, pings)


def test_the_operation_ends_on_the_new_leader(promotion: Promotion) -> None:
    """S26."""
    assert promotion.operation["state"] == "succeeded", promotion.operation
    assert promotion.seconds <= WHOLE_OPERATION


def test_no_sample_shows_two_leaders(promotion: Promotion) -> None:
    """S1."""
    assert promotion.watch.most_leaders == 1
    assert promotion.watch.longest_without_leader <= WITHOUT_LEADER


def test_no_two_consoles_claim_one_term(promotion: Promotion) -> None:
    """S1: nor does the old one claim anything when the new one has begun."""
    claims = [claim for claim in promotion.watch.claims if claim.role == "leader"]
    assert {(claim.host, claim.term) for claim in claims} == {("node1", 1), ("node2", 2)}
    first = min(claim.at for claim in claims if claim.host == "node2")
    assert max(claim.at for claim in claims if claim.host == "node1") < first + 0.1


def test_every_acknowledged_write_is_there(ships: Fleet, promotion: Promotion) -> None:
    """S26: a client wrote all through it."""
    hosts = {attempt.host for attempt in promotion.writes.acknowledged}
    assert hosts == {"node1", "node2"}
    assert promotion.writes.lost(promotion.new) == []


def test_writers_are_told_to_come_again_for_5_s_at_most(promotion: Promotion) -> None:
    """S26: 503 with Retry-After, and the old leader's word who leads."""
    refused = promotion.writes.refusals
    assert {attempt.code for attempt in refused} <= {"leadership_moving", "not_leader"}
    moving = [attempt for attempt in refused if attempt.code == "leadership_moving"]
    assert {(attempt.status, attempt.retry_after) for attempt in moving} == {(503, "1")}
    assert promotion.writes.outage <= OUTAGE


def test_each_workers_vpn_has_the_new_endpoint(ships: Fleet, promotion: Promotion) -> None:
    """S33."""
    hub = wireguard.show(promotion.new)
    assert hub is not None
    for host in ships.workers:
        mine = wireguard.show(host)
        peer = mine.peer(hub.key) if mine else None
        assert peer is not None
        assert peer.endpoint == f"{promotion.new.address}:55820"
        assert "10.5.4.0/24" in peer.allowed_ips


def test_workers_hardly_miss_each_other(promotion: Promotion) -> None:
    """S33."""
    assert promotion.pings.longest_gap <= VPN_GAP


def test_tokens_are_good_on_the_new_leader_and_logins_are_not(promotion: Promotion) -> None:
    """S26: people log in again."""
    new = promotion.new
    assert new.api("GET", "nodes/").status == 200
    assert new.request("GET", "/api/v1/nodes/", token=promotion.login).status == 401
    assert new.log_in(**promotion.old.administrator)["token"]


def test_the_old_leader_says_who_leads(promotion: Promotion) -> None:
    """S5."""
    page = expect(promotion.old.request("GET", "/"), 200)
    assert f'href="{promotion.new.url}"' in page.text
    answer = promotion.old.api("GET", "nodes/")
    assert refusal(answer) == (409, "not_leader")


def test_follow_ups_remind_of_what_people_must_do(ships: Fleet, promotion: Promotion) -> None:
    """S27 to S29."""
    found = ships.api("GET", "follow-ups/?settled=false").body["results"]
    assert {"backup_password", "log_store", "audit_trail"} <= {each["kind"] for each in found}


def test_promoted_to_and_fro_it_has_no_scar(ships: Fleet, promotion: Promotion) -> None:
    """S23, S26: node by node, until each has led; nothing is lost, and everybody is online."""
    assert promotion.operation["state"] == "succeeded"
    term = ships.leader.node["term"]
    hosts = ships.lab.hosts
    with watching(hosts) as watch, writing(hosts, token=ships.token, nodes=[1, 2, 3, 4]) as writes:
        for turn in range(TIMES):
            candidate = 1 + (ships.leader.node_id or 0) % SIZE
            ended = ships.promote(candidate)
            assert ended["state"] == "succeeded", (turn, ended)
    assert writes.lost(ships.leader) == []
    assert ships.leader.node["term"] == term + TIMES
    assert watch.most_leaders == 1
    ships.wait_until_whole(size=SIZE, within=10)
    addresses = [ships.address(number) for number in (1, 2, 3, 4)]
    eventually(lambda: all_reach(ships.workers, addresses), within=10)


def all_reach(hosts: list[Host], addresses: list[str]) -> bool:
    """Whether every host reaches every address through the VPN."""
    return all(wireguard.reaches(host, address) for host in hosts for address in addresses)


def test_one_that_is_cancelled_leaves_all_as_it_was(ships: Fleet, promotion: Promotion) -> None:
    """S35: until the hand-over."""
    assert promotion.operation["state"] == "succeeded"
    leader = ships.leader
    candidate = ships.workers[0]
    standing = leader.node["term"]
    candidate.stop("agent")  # so that it does not come to the hand-over
    try:
        operation = ships.ask_to_promote(candidate.node_id or 0, check_connectivity=False)
        expect(leader.api("POST", f"operations/{operation['id']}/cancel/"), 200, 202)
        ended = membership.outcome(leader, operation)
    finally:
        candidate.start_process("agent")
    assert ended["state"] == "cancelled"
    ships.wait_until_whole(size=SIZE)
    assert (ships.leader.name, ships.leader.node["term"]) == (leader.name, standing)
    expect(ships.api("PATCH", "nodes/2/", {"label": "after"}), 200)
