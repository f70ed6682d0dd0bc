"""The old leader comes back, and nobody listens to it (S26, S41)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.lab import fleet, paths, rows, wireguard
from tests.lab.client import Answer
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually, holds
from tests.lab.watching import Watch, watching
from tests.lab.writing import Writes, writing

pytestmark = pytest.mark.lab

SIZE = 4
DEPOSED_WITHIN = 10


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Four nodes; node1 leads."""
    return fleet.gather(make_lab, nodes=SIZE, joined=SIZE)


@dataclass(frozen=True)
class Return:
    """What was seen while node1 was cut off from the others, and when it came back."""

    old: Host
    new: Host
    apart: Watch
    writes: Writes
    deposed_after: float
    healed: Watch


@pytest.fixture(scope="module")
def comeback(ships: Fleet) -> Return:
    """Node1 is cut off with its console in use; node3 takes over; the link heals."""
    old, new = ships.leader, ships.hosts[3]
    others = [host for host in ships.hosts.values() if host is not old]
    with paths.parted([old], others):
        with (
            watching(ships.lab.hosts) as apart,
            writing([old], token=ships.token, nodes=[2, 4]) as writes,
        ):
            time.sleep(1)
            for host in (new, ships.hosts[2], ships.hosts[4]):
                ships.switch(host, to=3)
            time.sleep(2)
        assert old.role == "leader"
    began = time.monotonic()
    with watching(ships.lab.hosts) as healed:
        eventually(lambda: old.role == "deposed", within=3 * DEPOSED_WITHIN, every=0.05)
        deposed_after = time.monotonic() - began
        time.sleep(2)
    return Return(old, new, apart, writes, deposed_after, healed)


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code."""
    return answer.status, str(answer.body["errors"][0]["code"])


def test_while_it_is_cut_off_its_console_is_in_use(comeback: Return) -> None:
    """Silence proves nothing to it: this is what makes late writes."""
    assert len(comeback.writes.acknowledged) > 10


def test_nobody_obeys_it_any_more(comeback: Return) -> None:
    """From the takeover on: ten times a second, apart and healed."""
    for number in (2, 4):
        host = next(name for name in comeback.apart.samples[0].hosts if name == f"node{number}")
        assert [seen.hosts[host].leader for seen in comeback.healed.samples] == [3] * len(
            comeback.healed.samples
        )


def test_it_is_deposed_within_10_s(comeback: Return) -> None:
    assert comeback.deposed_after <= DEPOSED_WITHIN


def test_its_late_writes_reach_nobody(ships: Fleet, comeback: Return) -> None:
    """Never merged."""
    late = {f"w{attempt.value}" for attempt in comeback.writes.acknowledged[-10:]}
    listed = expect(comeback.new.api("GET", "nodes/"), 200).body["results"]
    assert not late & {node["label"] for node in listed}


def test_every_later_write_is_refused_and_names_the_new_leader(comeback: Return) -> None:
    answer = comeback.old.api("PATCH", "nodes/2/", {"label": "later"})
    assert refusal(answer) == (409, "leader_deposed")
    assert comeback.new.fqdn in answer.text


def test_its_console_is_for_reading(comeback: Return) -> None:
    assert comeback.old.api("GET", "nodes/").status == 200


def test_its_hub_is_down(ships: Fleet, comeback: Return) -> None:
    """Nobody's packets go through it."""
    shown = wireguard.show(comeback.old)
    assert shown is None or not any(peer.allowed_ips for peer in shown.peers)


def test_it_follows_by_one_command_that_counts_its_late_writes(
    ships: Fleet, comeback: Return
) -> None:
    """S41; what was changed too late is kept in a file."""
    old = comeback.old
    said = ships.switch(old, to=3)
    assert "changes were made on this node too late" in said.stderr
    ships.wait_until_whole(size=SIZE, within=10)
    kept = list((old.state_dir / "kept").rglob("late-writes.jsonl"))
    assert len(kept) == 1
    last = comeback.writes.acknowledged[-1]
    assert f"w{last.value}" in kept[0].read_text()


def test_it_leads_again_by_promotion(ships: Fleet, comeback: Return) -> None:
    """S23."""
    ships.restore(size=SIZE)
    assert ships.promote(1)["state"] == "succeeded"
    ships.wait_until_whole(size=SIZE, within=10)


def test_of_two_that_took_over_apart_the_lower_number_stays(ships: Fleet, comeback: Return) -> None:
    """S1: node2 and node3, each on a side of its own; the same on every run."""
    ships.restore(size=SIZE)
    old, one, two, other = (ships.hosts[number] for number in (1, 2, 3, 4))
    assert old.role == "leader"
    term = old.node["term"]
    old.cut_power()
    with paths.parted([one], [two, other]):
        ships.switch(one, to=2)
        ships.switch(two, to=3)
        ships.switch(other, to=3)
        assert (one.role, two.role) == ("leader", "leader")
    eventually(lambda: two.role == "deposed", within=DEPOSED_WITHIN)
    holds(lambda: one.role == "leader", during=5)
    assert one.node["term"] == term + 1
    assert two.node["successor"]["id"] == 2
    assert refusal(two.api("PATCH", "nodes/2/", {"label": "x"})) == (409, "leader_deposed")
    assert rows.events(two, "leadership.lost")

    ships.restore(size=SIZE)
    assert ships.leader is one or ships.leader.name == one.name
