"""The leader is lost, and ``switch-leader`` makes another (S26, S39 to S41)."""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from cluster import recovery_key
from tests.lab import fleet, membership, paths, people, rows, states, wireguard
from tests.lab.client import Unreachable
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually
from tests.lab.watching import standings

pytestmark = pytest.mark.lab

SIZE = 4
SERVES_WITHIN, FOLLOW_WITHIN, SETTLED = 5, 10, 30


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Four nodes, and node5 that belongs to nobody; the administrator has a second factor."""
    return fleet.gather(make_lab, nodes=5, joined=SIZE)


@pytest.fixture(scope="module")
def secret(ships: Fleet) -> str:
    """The key of the administrator's second factor."""
    leader = ships.lab.hosts[0]
    person = people.first(leader)
    person.enable_two_factor()  # and every other token has ended
    fleet.knowing(ships.lab, membership.named_token(leader, login=person.token))
    return person.secret


@pytest.fixture
def whole(ships: Fleet, secret: str) -> Fleet:
    """The cluster with power everywhere, and one leader."""
    ships.restore(size=SIZE)
    return ships


def write_label(ships: Fleet, text: str) -> None:
    """A change, acknowledged."""
    expect(ships.api("PATCH", "nodes/2/", {"label": text}), 200)


def label(ships: Fleet) -> str:
    """The same, read."""
    return str(expect(ships.api("GET", "nodes/2/"), 200).body["label"])


def serves_after(host: Host, *, since: float) -> float:
    """Seconds until a console answers as the leader's."""
    eventually(lambda: fleet.serves(host), within=30, every=0.05)
    return time.monotonic() - since


@pytest.mark.parametrize("place", ["first", "in between", "last"])
def test_root_makes_another_leader_by_one_command_on_each_worker(
    whole: Fleet, secret: str, place: str
) -> None:
    """S39, S41: in any order; it serves within 5 s of its command, the rest follow within 10 s."""
    lost, term = whole.leader, whole.leader.node["term"]
    candidate, *others = whole.workers
    write_label(whole, f"before {place}")
    eventually(lambda: states.has_caught_up(candidate, lost), within=5)
    lost.cut_power()

    order = {"first": [candidate, *others], "last": [*others, candidate]}
    order["in between"] = [others[0], candidate, others[1]]
    with ThreadPoolExecutor(SIZE) as threads:
        said: dict[str, Future[Any]] = {}
        for host in order[place]:
            began = time.monotonic()
            said[host.name] = threads.submit(whole.switch, host, to=candidate.node_id or 0)
            if host is candidate:
                assert serves_after(candidate, since=began) <= SERVES_WITHIN
        eventually(
            lambda: all(whole.follows(host, leader=candidate) for host in others),
            within=FOLLOW_WITHIN,
        )
    assert [future.result().returncode for future in said.values()] == [0] * len(said)

    assert candidate.node["term"] == term + 1
    check_everything_is_there(whole, candidate, secret)
    assert label(whole) == f"before {place}"


def check_everything_is_there(ships: Fleet, leader: Host, secret: str) -> None:
    """Administrators, second factors, tokens, nodes; and the VPN's hub is the new one."""
    first = ships.lab.hosts[0].administrator
    without = leader.request("POST", "/api/v1/auth/login/", first)
    assert without.status in (400, 401, 403)
    assert log_in_again(leader, first, secret)
    assert len(membership.nodes(leader)) == SIZE
    hub = wireguard.show(leader)
    assert hub is not None
    key = hub.key
    eventually(lambda: all(points_at(host, leader, key) for host in ships.workers), within=10)


def log_in_again(leader: Host, first: dict[str, str], secret: str) -> bool:
    """A code is good once: wait for the next one if need be."""

    def enters() -> bool:
        asked = {**first, "otp": people.otp(secret)}
        return leader.request("POST", "/api/v1/auth/login/", asked).status == 200

    return eventually(enters, within=35, every=1)


def points_at(host: Host, leader: Host, key: str) -> bool:
    """S33: whether the host's hub is that leader, by its key and public address."""
    mine = wireguard.show(host)
    peer = mine.peer(key) if mine else None
    return (
        peer is not None
        and peer.endpoint == f"{leader.address}:55820"
        and "10.5.4.0/24" in peer.allowed_ips
    )


def test_what_no_worker_had_is_lost_and_the_command_says_so(whole: Fleet) -> None:
    """S26: how old the state is; nothing is merged later."""
    lost = whole.leader
    candidate, *others = whole.workers
    write_label(whole, "known")
    eventually(lambda: states.has_caught_up(candidate, lost), within=5)
    with paths.parted([lost], whole.workers):
        write_label(whole, "unknown")
        lost.cut_power()
    term, generation = states.position(candidate)
    said = whole.switch(candidate, to=candidate.node_id or 0)
    for host in others:
        whole.switch(host, to=candidate.node_id or 0)

    assert f"{term}.{generation}" in said.stderr
    assert "What was changed after that is lost." in said.stderr
    assert label(whole) == "known"


def test_with_the_recovery_key_one_command_is_enough(whole: Fleet) -> None:
    """S41: on the candidate alone; the others follow by themselves."""
    lost, candidate = whole.leader, whole.workers[-1]
    others = [host for host in whole.workers if host is not candidate]
    lost.cut_power()
    number = candidate.node_id or 0
    whole.switch(candidate, to=number, stdin=whole.recovery_key, recovery_key="-")
    eventually(
        lambda: all(whole.follows(host, leader=candidate) for host in others),
        within=FOLLOW_WITHIN,
    )


@pytest.mark.parametrize("key", ["mistyped", "of another cluster"])
def test_another_key_is_no_recovery_key(whole: Fleet, key: str) -> None:
    """And nothing is changed."""
    worker, before = whole.workers[0], standings(whole.lab.hosts)
    mistyped = whole.recovery_key[:-4] + ("AAAA" if whole.recovery_key[-4:] != "AAAA" else "BBBB")
    wrong = {"mistyped": mistyped, "of another cluster": recovery_key.generate()[0]}[key]
    number = worker.node_id or 0
    refused = whole.switch(worker, to=number, check=False, stdin=wrong, recovery_key="-")
    assert refused.returncode == 1
    assert standings(whole.lab.hosts) == before


def test_without_a_word_nothing_happens(whole: Fleet) -> None:
    """Nobody is there to be asked, and ``--yes`` was not said."""
    worker = whole.workers[0]
    command = (*fleet.SWITCH_LEADER, f"--node={worker.node_id}")
    before = standings(whole.lab.hosts)
    assert worker.exec(*command, check=False).returncode == 1
    assert standings(whole.lab.hosts) == before


def test_a_mistake_is_refused_and_changes_nothing(whole: Fleet) -> None:
    """On a leader, on a machine without a cluster, with a number or an endpoint that is none."""
    leader, worker, stranger = whole.leader, whole.workers[0], whole.lab.host("node5")
    own = worker.node_id or 0
    before = standings(whole.lab.hosts)
    mistakes = [
        whole.switch(leader, to=own, check=False),
        whole.switch(stranger, to=1, check=False),
        whole.switch(worker, to=99, check=False, timeout=1),
        whole.switch(worker, to=own, check=False, endpoint="node3.lab.test"),
        whole.switch(worker, to=own, check=False, endpoint="node 3:55820"),
    ]
    assert [done.returncode for done in mistakes] == [1] * len(mistakes)
    assert all(done.stderr.strip() for done in mistakes)
    assert standings(whole.lab.hosts) == before


def test_an_ineligible_node_holds_no_secret_and_does_not_lead(whole: Fleet) -> None:
    """What it held is wiped with the next state."""
    leader, worker = whole.leader, whole.workers[0]
    number = worker.node_id
    assert states.opens(worker)
    expect(whole.api("PATCH", f"nodes/{number}/", {"eligible": False}), 200)
    try:
        eventually(lambda: states.has_caught_up(worker, leader), within=10)
        assert not states.opens(worker)
        refused = whole.switch(worker, to=number or 0, check=False)
        assert refused.returncode == 1
        assert worker.role == "worker"
    finally:
        expect(whole.api("PATCH", f"nodes/{number}/", {"eligible": True}), 200)


def strike(host: Host, place: str) -> None:
    """Let the host lose its power at that place."""
    host.failpoint(place, "power")


def cut_when_struck(host: Host) -> None:
    """The failpoint ends the processes; the power goes before they come back."""
    eventually(lambda: not host.failpoint_file.exists(), within=20, every=0.01)
    host.cut_power()


def take_over(ships: Fleet, candidate: Host) -> None:
    """The command on each worker that has power."""
    ships.switch(candidate, to=candidate.node_id or 0)
    for host in ships.workers:
        ships.switch(host, to=candidate.node_id or 0)


def no_operation_is_open(ships: Fleet) -> bool:
    """On the leader."""
    return rows.open_operations(ships.leader) == 0


@pytest.mark.parametrize("place", ["join.admit.after", "join.replicate.after"])
def test_a_join_whose_leader_is_lost_ends(whole: Fleet, place: str) -> None:
    """S26: undone by the new leader; its address is free again, and it may join the new leader."""
    lost, newcomer = whole.leader, whole.lab.host("node5")
    candidate = whole.workers[0]
    if newcomer.role != "uninitialised":
        whole.lab.start_new(newcomer)
    newcomer.token()
    code = membership.join_code(lost)
    strike(lost, place)
    membership.ask_to_join(newcomer, code=code)
    cut_when_struck(lost)
    take_over(whole, candidate)
    eventually(lambda: no_operation_is_open(whole), within=SETTLED)
    assert newcomer.fqdn not in [node["fqdn"] for node in membership.nodes(candidate)]
    whole.lab.start_new(newcomer)


@pytest.mark.parametrize("place", ["freeze.after", "prepare.after", "hand_over.signed"])
@pytest.mark.parametrize("leads", ["the chosen one", "another"])
def test_a_promotion_whose_leader_is_lost_ends(whole: Fleet, place: str, leads: str) -> None:
    """S26: root decides who leads; there is one leader, who changes things, and nothing is open."""
    lost, (chosen, another, _) = whole.leader, whole.workers
    candidate = chosen if leads == "the chosen one" else another
    strike(lost, f"promote.{place}")
    with contextlib.suppress(Unreachable):
        whole.ask_to_promote(chosen.node_id or 0, check_connectivity=False)
    cut_when_struck(lost)
    take_over(whole, candidate)
    eventually(lambda: no_operation_is_open(whole), within=SETTLED)
    write_label(whole, f"{place} {leads}")
    lost.start()
    lost.wait_until_ready()
    whole.restore(size=SIZE)
    assert whole.leader is candidate
    assert label(whole) == f"{place} {leads}"


def test_a_removal_whose_leader_is_lost_is_finished(whole: Fleet) -> None:
    """S20, S26: what was revoked stays so; the last test, because one node less is left."""
    lost = whole.leader
    candidate, doomed, other = whole.workers
    path = f"nodes/{doomed.node_id}/removal/"
    digest = expect(whole.api("GET", path), 200).body["digest"]
    asked = {"confirmation": f"node{doomed.node_id}", "digest": digest}
    strike(lost, "remove.drop_peer.after")
    with contextlib.suppress(Unreachable):
        whole.api("POST", path, asked)
    cut_when_struck(lost)
    whole.switch(candidate, to=candidate.node_id or 0)
    for host in (other, doomed):  # root visits every machine, also the one that was leaving
        whole.switch(host, to=candidate.node_id or 0, check=host is other, timeout=5)
    eventually(lambda: rows.open_operations(candidate) == 0, within=SETTLED)
    assert doomed.node_id not in [node["id"] for node in membership.nodes(candidate)]
    eventually(lambda: doomed.role == "removed", within=SETTLED)
    assert not has_peer(doomed, candidate)


def has_peer(host: Host, other: Host) -> bool:
    """Whether the other's WireGuard knows the host's key."""
    mine = wireguard.show(host)
    return mine is not None and mine.key in fleet.keys([other])
