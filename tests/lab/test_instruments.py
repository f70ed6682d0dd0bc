"""What the proofs measure with: broken paths, wrong clocks, watchers, writers and containers."""

import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from tests.lab import client, containers, membership, paths, rows
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.pinging import pinging
from tests.lab.waiting import eventually
from tests.lab.watching import watching
from tests.lab.writing import writing

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def couple(make_lab: Callable[..., Lab]) -> Lab:
    """A leader and a worker."""
    return make_lab(nodes=2, joined=2)


def ask(host: Host, other: Host, program: str) -> str:
    """What a line of Python on ``host`` says, in which ``ADDRESS`` and ``NAME`` are the other's."""
    line = program.replace("ADDRESS", repr(other.address)).replace("NAME", repr(other.fqdn))
    said = host.exec("python", "-c", f"import socket, ssl; {line}", check=False)
    return said.stdout.strip() or said.stderr.strip().splitlines()[-1]


def connects(host: Host, other: Host) -> bool:
    """Whether the other's console takes a connection."""
    line = "socket.create_connection((ADDRESS, 8443), 0.5); print('yes')"
    return ask(host, other, line) == "yes"


def test_https_is_blocked_towards_one_host_until_the_block_goes(couple: Lab) -> None:
    leader, worker = couple.hosts
    with paths.https_blocked(worker, towards=leader):
        assert not connects(worker, leader)
        assert connects(worker, worker)
    assert connects(worker, leader)


def test_the_vpn_is_blocked_towards_one_host_until_the_block_goes(couple: Lab) -> None:
    leader, worker = couple.hosts
    ping = ("ping", "-n", "-c1", "-W1", "10.5.4.1")
    assert worker.exec(*ping, check=False).returncode == 0
    with paths.vpn_blocked(worker, towards=leader):
        assert worker.exec(*ping, check=False).returncode == 1
        assert connects(worker, leader)
    assert worker.exec(*ping, check=False).returncode == 0


def test_a_name_is_unknown_or_elsewhere_on_one_host_only(couple: Lab) -> None:
    leader, worker = couple.hosts
    look_up = "print(socket.gethostbyname(NAME))"
    with paths.name_unknown(worker, towards=leader):
        assert "gaierror" in ask(worker, leader, look_up)
        assert ask(leader, leader, look_up) == leader.address
    with paths.name_elsewhere(worker, towards=leader):
        assert ask(worker, leader, look_up) == paths.WRONG_ADDRESS
    assert ask(worker, leader, look_up) == leader.address


def test_a_clock_is_wrong_for_one_hosts_processes_only(couple: Lab) -> None:
    leader, worker = couple.hosts
    worker.turn_clock(seconds=600)
    try:
        ahead = [clock_of(host) - time.time() for host in (leader, worker)]
        assert ahead == [pytest.approx(0, abs=5), pytest.approx(600, abs=5)]
        eventually(lambda: membership.all_online(leader), within=20)
    finally:
        worker.turn_clock(seconds=0)
    assert clock_of(worker) - time.time() == pytest.approx(0, abs=5)


def clock_of(host: Host) -> float:
    """The time that a host's console has."""
    said = host.request("GET", "/agent/v1/leadership").body["time"]
    return datetime.fromisoformat(said).timestamp()


def test_the_watch_sees_one_leader_ten_times_a_second(couple: Lab) -> None:
    with watching(couple.hosts) as seen:
        time.sleep(2)
    assert len(seen.samples) >= 15
    assert seen.most_leaders == 1
    assert seen.longest_without_leader < 0.3
    assert seen.followed(couple.host("node2")) == [1]
    assert {(claim.host, claim.role) for claim in seen.claims} == {
        ("node1", "leader"),
        ("node2", "worker"),
    }


def test_the_writer_finds_the_leader_and_what_it_wrote_is_there(couple: Lab) -> None:
    leader, worker = couple.hosts
    token = membership.named_token(leader)
    with writing([worker, leader], token=token, nodes=[1, 2]) as writes:
        eventually(lambda: len(writes.acknowledged) >= 5, within=10)
    assert [attempt.code for attempt in writes.refusals] == ["not_leader"]
    assert writes.lost(leader) == []


def test_the_writer_counts_what_is_older_than_acknowledged_as_lost(couple: Lab) -> None:
    leader = couple.hosts[0]
    token = membership.named_token(leader)
    with writing([leader], token=token, nodes=[2]) as writes:
        eventually(lambda: len(writes.acknowledged) >= 2, within=10)
    leader.api("PATCH", "nodes/2/", {"label": "w1"})
    assert writes.lost(leader) == [2]


def test_the_writer_sees_a_loss_that_its_next_write_hides(couple: Lab) -> None:
    leader = couple.hosts[0]
    with writing([leader], token=membership.named_token(leader), nodes=[2]) as writes:
        eventually(lambda: len(writes.acknowledged) >= 2, within=10)
        leader.stop("web")
        eventually(lambda: writes.attempts[-1].status == 0, within=10)
        rows.set_label(leader, 2, "w1")
        leader.start_process("web")
        before = len(writes.acknowledged)
        eventually(lambda: len(writes.acknowledged) >= before + 2, within=20)
    assert writes.lost(leader) == [2]


def test_the_writer_knows_how_long_nobody_took_its_writes(couple: Lab) -> None:
    leader = couple.hosts[0]
    with writing([leader], token=membership.named_token(leader), nodes=[2]) as writes:
        eventually(lambda: len(writes.acknowledged) >= 2, within=10)
        leader.kill("web")
        before = len(writes.acknowledged)
        eventually(lambda: len(writes.acknowledged) >= before + 2, within=20)
    assert 0.3 < writes.outage < 20


def test_pings_show_a_gap_as_long_as_it_was(couple: Lab) -> None:
    leader, worker = couple.hosts
    with pinging(worker, leader.address) as seen:
        time.sleep(0.5)
        worker.cut_link()
        time.sleep(0.7)
        worker.heal_link()
        time.sleep(0.5)
    assert seen.longest_gap == pytest.approx(0.7, abs=0.25)


@pytest.fixture
def site(couple: Lab) -> Iterator[Host]:
    """A worker with a container that serves HTTP."""
    worker = couple.host("node2")
    containers.serve(worker, "site", says="ahoy", labels={"flotilla.role": "account-provider"})
    yield worker
    containers.remove(worker, "site")


def test_a_container_serves_on_its_host_and_is_no_other_hosts(couple: Lab, site: Host) -> None:
    eventually(lambda: containers.answer(site) == "ahoy", within=5)
    assert "site" in site.exec("podman", "ps", "--format", "{{.Names}}").stdout
    assert couple.host("node1").exec("podman", "ps", "-q").stdout == ""
    reached = client.pool(f"{couple.name}-client").submit(connects_to, site.address).result()
    assert reached


def connects_to(address: str) -> bool:
    """Whether the container's port takes a connection from this thread's namespace."""
    with socket.create_connection((address, containers.PORT), 2):
        return True
