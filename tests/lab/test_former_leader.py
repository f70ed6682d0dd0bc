"""A node that led keeps what a leader has only as long as it may lead again (S20, S26)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab import fleet, membership, rows, states
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually, holds

pytestmark = pytest.mark.lab

SIZE = 2
WITHIN = 15
"""Seconds: a sweep comes every five."""


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """A leader and a worker."""
    return fleet.gather(make_lab, nodes=SIZE, joined=SIZE)


@pytest.fixture
def former(ships: Fleet) -> Host:
    """It led, and follows now; it may lead again."""
    ships.restore(size=SIZE)
    led = ships.leader
    assert ships.promote(3 - (led.node_id or 0))["state"] == "succeeded"
    ships.wait_until_whole(size=SIZE)
    return led


def secrets(ships: Fleet) -> list[bytes]:
    """What only a leader has: password hashes and tokens' digests."""
    hashes = rows.select(ships.leader, "SELECT password AS text FROM accounts_administrator")
    digests = rows.select(ships.leader, "SELECT digest AS text FROM accounts_apitoken")
    assert hashes
    assert digests
    return [str(row["text"]).encode() for row in (*hashes, *digests)]


def traces(host: Host, wanted: list[bytes]) -> list[Path]:
    """The files of its state directory that have one of these in them, deleted rows and all."""
    files = [path for path in host.state_dir.rglob("*") if path.is_file()]
    return [path for path in files if any(text in path.read_bytes() for text in wanted)]


def allow(ships: Fleet, host: Host, *, eligible: bool) -> None:
    """Say whether a node may lead."""
    expect(ships.api("PATCH", f"nodes/{host.node_id}/", {"eligible": eligible}), 200)


def test_one_that_may_lead_again_keeps_it(ships: Fleet, former: Host) -> None:
    """It can read the same in the state; so the sweep finds nothing to do."""
    wanted = secrets(ships)
    holds(lambda: traces(former, wanted), during=6)


def test_one_that_is_no_longer_eligible_has_no_trace_of_it(ships: Fleet, former: Host) -> None:
    """Not in what it holds, not in deleted rows; and it can lead when it may again."""
    wanted = secrets(ships)
    allow(ships, former, eligible=False)
    eventually(lambda: not traces(former, wanted), within=WITHIN, every=1)
    assert not states.opens(former)
    assert rows.events(former, "node.wiped")
    assert rows.events(former, "cluster.created") or rows.events(former, "leadership.taken")

    allow(ships, former, eligible=True)
    ships.wait_until_all_know()
    assert ships.promote(former.node_id or 0)["state"] == "succeeded"
    assert set(secrets(ships)) == set(wanted)


def test_one_that_was_off_meanwhile_wipes_it_when_it_is_back(ships: Fleet, former: Host) -> None:
    wanted = secrets(ships)
    former.cut_power()
    allow(ships, former, eligible=False)
    former.start()
    former.wait_until_ready()
    eventually(lambda: not traces(former, wanted), within=WITHIN, every=1)
    allow(ships, former, eligible=True)


@pytest.fixture
def removed(ships: Fleet) -> Host:
    """It was lost while it led, was deposed, followed, and was removed."""
    ships.restore(size=SIZE)
    lost, (other,) = ships.leader, ships.workers
    lost.cut_power()
    ships.switch(other, to=other.node_id or 0)
    ships.restore(size=SIZE)
    kept = list((lost.state_dir / "kept").rglob("*"))
    assert {path.name for path in kept} >= {"db.sqlite3", "late-writes.jsonl"}
    number = lost.node_id
    digest = expect(ships.api("GET", f"nodes/{number}/removal/"), 200).body["digest"]
    asked = {"confirmation": f"node{number}", "digest": digest}
    answer = expect(ships.api("POST", f"nodes/{number}/removal/", asked), 202)
    membership.succeed(ships.leader, answer.body["operation"])
    eventually(lambda: lost.role == "removed", within=10)
    return lost


def test_one_that_was_removed_has_no_trace_of_it_but_its_trail(ships: Fleet, removed: Host) -> None:
    """S20, S21: also not in the copies that it put aside; root gives it a login as to a new one."""
    wanted = secrets(ships)
    eventually(lambda: not traces(removed, wanted), within=WITHIN, every=1)
    names = {path.name for path in (removed.state_dir / "kept").rglob("*") if path.is_file()}
    assert names == {"late-writes.jsonl"}
    assert rows.events(removed, "node.wiped")
    assert rows.events(removed, "leadership.lost")

    said = removed.exec(
        *("python", "manage.py", "reset_password", "admin", "--password-stdin"),
        stdin="a boat with no captain\n",
    )
    assert said.returncode == 0
    login = {"username": "admin", "password": "a boat with no captain"}
    token = removed.log_in(**login)["token"]
    changed = {"current_password": login["password"], "new_password": "a captain with no boat"}
    expect(removed.request("POST", "/api/v1/account/password/", changed, token=token), 200, 204)
    token = removed.log_in(username="admin", password="a captain with no boat")["token"]
    expect(removed.request("POST", "/api/v1/cluster/clean-start/", token=token), 200)
    holds(lambda: removed.role == "uninitialised", during=1)
