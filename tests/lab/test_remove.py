"""A node that is removed stays out (S15 to S22)."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab import agents, containers, fleet, membership, rows, wireguard
from tests.lab.client import Answer
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.pinging import Pings, pinging
from tests.lab.waiting import eventually, holds

pytestmark = pytest.mark.lab

WITHIN = 5
"""Seconds from the acknowledgement until nobody takes anything from the node (S20)."""


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Four nodes, and node5 that belongs to nobody."""
    return fleet.gather(make_lab, nodes=5, joined=4)


def preview(ships: Fleet, node_id: int) -> dict[str, Any]:
    """What the confirmation shows."""
    return dict(expect(ships.api("GET", f"nodes/{node_id}/removal/"), 200).body)


def remove(ships: Fleet, node_id: int, **changes: object) -> Answer:
    """Ask for a removal as the console does."""
    asked: dict[str, object] = {"confirmation": f"node{node_id}"}
    if "digest" not in changes:
        asked["digest"] = preview(ships, node_id)["digest"]
    return ships.api("POST", f"nodes/{node_id}/removal/", asked | changes)


def code(answer: Answer) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status, str(answer.body["errors"][0]["code"])


@pytest.fixture
def site(ships: Fleet) -> Iterator[Host]:
    """node2 with a container that the leader has not been told of yet."""
    worker = ships.hosts[2]
    yield worker
    containers.remove(worker, "late")


def test_an_application_that_came_after_the_preview_stops_the_removal(
    ships: Fleet, site: Host
) -> None:
    """S19: what is confirmed is this list and no other."""
    confirmed = preview(ships, 2)
    containers.serve(site, "late", says="late")
    eventually(lambda: preview(ships, 2)["digest"] != confirmed["digest"], within=30)
    assert code(remove(ships, 2, digest=confirmed["digest"])) == (409, "applications_changed")
    assert membership.status_of(ships.leader, site) == "online"
    assert site.role == "worker"


def test_the_leader_is_not_removed(ships: Fleet) -> None:
    """S15."""
    assert code(remove(ships, 1, digest="0" * 64)) == (409, "node_is_leader")


def test_nobody_is_not_removed(ships: Fleet) -> None:
    assert code(remove(ships, 99, digest="0" * 64)) == (404, "node_not_found")


@pytest.mark.parametrize("word", ["node3", "node2 ", "Node2", "2", ""])
def test_without_the_confirmation_nothing_is_removed(ships: Fleet, word: str) -> None:
    """S20."""
    assert remove(ships, 2, confirmation=word).status in (400, 409)
    assert membership.status_of(ships.leader, ships.hosts[2]) == "online"


@dataclass
class Removal:
    """What was seen of node4's removal; the times are seconds after its acknowledgement."""

    host: Host
    key: str
    shown: dict[str, Any]
    operation: dict[str, Any]
    acknowledged: float
    pings: Pings
    refused_after: float
    forgotten_after: float

    @property
    def silent_after(self) -> float:
        """Until the last answer to a ping through the VPN."""
        return self.pings.answers[-1] - self.acknowledged


@pytest.fixture(scope="module")
def removal(ships: Fleet) -> Removal:
    """node4 runs an application, is pinged by node2, and is removed."""
    host, observer = ships.hosts[4], ships.hosts[2]
    others = [ships.hosts[number] for number in (1, 2, 3)]
    interface = wireguard.show(host)
    assert interface is not None
    containers.serve(host, "site", says="ahoy")
    eventually(lambda: preview(ships, 4)["applications"], within=30)
    assert interface.key in fleet.keys(others)
    with pinging(observer, ships.address(4)) as pings:
        time.sleep(0.5)
        shown = preview(ships, 4)
        answer = expect(remove(ships, 4), 202)
        acknowledged = time.time()
        wait(lambda: refuses(ships, host))
        refused_after = time.time() - acknowledged
        wait(lambda: interface.key not in fleet.keys(others))
        forgotten_after = time.time() - acknowledged
        time.sleep(1)
    return Removal(
        host,
        interface.key,
        shown,
        answer.body["operation"],
        acknowledged,
        pings,
        refused_after,
        forgotten_after,
    )


def wait(predicate: Callable[[], object]) -> None:
    """Wait longer than is allowed, so that the test can say how long it took."""
    eventually(predicate, within=6 * WITHIN, every=0.05)


def refuses(ships: Fleet, host: Host) -> bool:
    """Whether the node's own key opens the leader no more."""
    cluster = str(ships.leader.node["cluster"])
    answer = agents.sync(ships.leader, agents.agent_token(host, audience=cluster, issuer=4))
    return answer.status == 401 and answer.body["code"] == "node_removed"


def test_the_preview_names_the_nodes_applications(removal: Removal) -> None:
    """S19."""
    assert [found["name"] for found in removal.shown["applications"]] == ["site"]


def test_its_sync_is_401_within_5_s(removal: Removal) -> None:
    """S20."""
    assert removal.refused_after <= WITHIN


def test_its_key_is_in_nobodys_wireguard_within_5_s(removal: Removal) -> None:
    """S20."""
    assert removal.forgotten_after <= WITHIN


def test_its_pings_stop_within_5_s(removal: Removal) -> None:
    """S20."""
    assert removal.pings.answers[0] < removal.acknowledged
    assert removal.silent_after <= WITHIN


def test_its_application_still_answers(removal: Removal) -> None:
    """S21."""
    assert containers.answer(removal.host) == "ahoy"


def test_it_knows_wipes_the_state_and_closes_its_vpn(ships: Fleet, removal: Removal) -> None:
    """S20."""
    membership.succeed(ships.leader, removal.operation)
    eventually(lambda: removal.host.role == "removed", within=10)
    eventually(lambda: wireguard.show(removal.host) is None, within=5)
    assert not (removal.host.state_dir / "node" / "state.jws").exists()


def test_its_page_says_so(ships: Fleet, removal: Removal) -> None:
    membership.succeed(ships.leader, removal.operation)
    page = expect(removal.host.request("GET", "/"), 200)
    assert "removed" in page.text


def test_it_is_to_be_shut_down(ships: Fleet, removal: Removal) -> None:
    """S22."""
    membership.succeed(ships.leader, removal.operation)
    found = ships.api("GET", "follow-ups/?settled=false").body["results"]
    assert ("shut_down_node", 4) in [(each["kind"], each["node"]) for each in found]


def test_it_stays_out_after_a_restart(ships: Fleet, removal: Removal) -> None:
    """S20: with its old keys it is still nobody."""
    membership.succeed(ships.leader, removal.operation)
    removal.host.power_cycle()
    holds(lambda: removal.host.role == "removed", during=3)
    assert refuses(ships, removal.host)
    assert removal.key not in fleet.keys(list(ships.hosts.values()))


def test_a_new_machine_gets_its_address_and_nobody_its_number(
    ships: Fleet, removal: Removal
) -> None:
    membership.succeed(ships.leader, removal.operation)
    fifth = ships.lab.host("node5")
    membership.join(fifth, leader=ships.leader)
    assert (fifth.node_id, ships.address(5)) == (5, "10.5.4.4")


def test_after_a_clean_start_it_joins_again_as_somebody_else(
    ships: Fleet, removal: Removal
) -> None:
    """Its old keys are gone; its number is spent."""
    membership.succeed(ships.leader, removal.operation)
    host = removal.host
    host.forget_token()
    expect(host.api("POST", "cluster/clean-start/"), 200, 202, 204)
    eventually(lambda: host.role == "uninitialised", within=10)
    membership.join(host, leader=ships.leader)
    assert host.node_id in (5, 6)
    interface = wireguard.show(host)
    assert interface is not None
    assert interface.key != removal.key


def test_a_node_that_was_off_needs_force_and_stays_out_when_it_returns(ships: Fleet) -> None:
    """S17, S20: it learns of its removal from the first answer."""
    host = ships.lab.host("node3")
    known = wireguard.show(host)
    assert known is not None
    host.cut_power()
    eventually(lambda: membership.status_of(ships.leader, host) == "offline", within=15)
    assert code(remove(ships, 3)) == (409, "node_not_reachable")
    membership.succeed(ships.leader, expect(remove(ships, 3, force=True), 202).body["operation"])

    host.start()
    host.wait_until_ready()
    eventually(lambda: host.role == "removed", within=15)
    eventually(lambda: wireguard.show(host) is None, within=5)
    others = [other for other in ships.hosts.values() if other is not host and other.node_id != 3]
    assert known.key not in fleet.keys(others)


def test_a_node_that_does_not_listen_is_out_before_it_knows(ships: Fleet) -> None:
    """S20: nobody waits for its word."""
    doomed = ships.lab.host("node5")
    number, interface = doomed.node_id or 0, wireguard.show(doomed)
    others = [host for host in ships.hosts.values() if host is not doomed]
    assert interface is not None
    assert interface.key in fleet.keys(others)
    doomed.stop("agent")
    operation = expect(remove(ships, number), 202).body["operation"]
    eventually(lambda: interface.key not in fleet.keys(others), within=WITHIN)
    assert rows.open_operations(ships.leader) == 1
    doomed.start_process("agent")
    membership.succeed(ships.leader, operation)
    eventually(lambda: doomed.role == "removed", within=15)


def test_two_removals_at_once_are_one_operation(ships: Fleet) -> None:
    """Of the same node, the same moment."""
    digest = preview(ships, 2)["digest"]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: remove(ships, 2, digest=digest), range(2)))
    assert sorted(answer.status for answer in answers) == [202, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert code(refused)[1] in ("operation_in_progress", "node_state_conflict")
    accepted = next(answer for answer in answers if answer.status == 202)
    membership.succeed(ships.leader, accepted.body["operation"])
    query = "SELECT id FROM cluster_operation WHERE kind = 'remove' AND node_id = ?"
    assert len(rows.select(ships.leader, query, 2)) == 1
