"""Root on the leader doctors its audit trail, database and own memory: the workers tell."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import fleet, rows
from tests.lab.client import Answer
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab

SIZE = 3
CHECKPOINT_SECONDS = 100
"""A minute until the next one is due, and time for it to travel."""
UNLOCK = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for name, in cursor.fetchall():
        cursor.execute(f"DROP TRIGGER {name}")
from audit.chain import event_hash
from audit.models import AuditEvent, AuditHead, Checkpoint, WitnessStatement
head = AuditHead.objects.get()
place = max(2, head.last_id - 6)
Checkpoint.objects.all().delete()
WitnessStatement.objects.all().delete()
"""
CUT = f"""{UNLOCK}
last = AuditEvent.objects.get(id=place)
AuditEvent.objects.filter(id__gt=place)._raw_delete("default")
AuditHead.objects.update(last_id=place, last_hash=last.hash, last_time=last.time)
"""
REWRITE = f"""{UNLOCK}
previous = AuditEvent.objects.get(id=place - 1).hash
for event in AuditEvent.objects.filter(id__gte=place).order_by("id"):
    event.user = "eve" if event.pk == place else event.user
    previous = event_hash(event, previous=previous)
    AuditEvent.objects.filter(id=event.pk).update(user=event.user, hash=previous)
AuditHead.objects.update(last_hash=previous)
"""


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    """Three nodes, of which node2 was promoted: its trail has a past as a worker's."""
    ships = fleet.gather(make_lab, nodes=SIZE, joined=SIZE)
    eventually(lambda: remembered(ships) == {1, 2, 3}, within=CHECKPOINT_SECONDS, every=2)
    ships.wait_until_whole(size=SIZE)
    ships.promote(2, audit_export=True)
    ships.wait_until_whole(size=SIZE)
    eventually(lambda: is_settled(ships), within=CHECKPOINT_SECONDS, every=2)
    return ships


def verification(ships: Fleet) -> dict[str, Any]:
    answer: Answer = ships.api("GET", "audit/verification/", timeout=30)
    return dict(expect(answer, 200).body)


def remembered(ships: Fleet) -> set[int]:
    """The nodes that remember something of the leader's trail."""
    return {each["node"] for each in verification(ships)["witnesses"] if each["count"]}


def is_settled(ships: Fleet) -> bool:
    """Whether every node remembers the trail near its present end."""
    report = verification(ships)
    counts = {each["node"]: each["count"] for each in report["witnesses"]}
    return counts.keys() == {1, 2, 3} and min(counts.values()) > report["checked"] - 4


@contextlib.contextmanager
def doctored(leader: Host, script: str) -> Iterator[None]:
    """Root changes the database behind everybody's back, and makes its own agent forget; it is
    all put back afterwards.
    """
    files = [leader.state_dir / "db.sqlite3", leader.state_dir / "node" / "witness.json"]
    _stop(leader)
    for file in files:
        shutil.copy2(file, f"{file}.kept")
    leader.exec("python", "manage.py", "shell", "-c", script)
    files[1].unlink()
    _start(leader)
    try:
        yield
    finally:
        _stop(leader)
        for file in files:
            _without_log(file)
            shutil.move(f"{file}.kept", file)
        _start(leader)


def _without_log(file: Path) -> None:
    for more in ("-wal", "-shm"):
        Path(f"{file}{more}").unlink(missing_ok=True)


def _stop(leader: Host) -> None:
    """And nothing of the database is beside its file."""
    for process in ("celery", "web", "agent"):
        leader.stop(process)
    with contextlib.closing(sqlite3.connect(leader.state_dir / "db.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _start(leader: Host) -> None:
    for process in ("agent", "web", "celery"):
        leader.start_process(process)
    leader.wait_until_ready()


def test_every_node_remembers_the_trail_of_the_promoted_leader(ships: Fleet) -> None:
    """S59: the checkpoints are of the new leader's own trail."""
    report = verification(ships)

    assert report["ok"], report
    assert {each["node"] for each in report["witnesses"]} == {1, 2, 3}
    assert {each["refusal"] for each in report["witnesses"]} == {""}


def test_old_trail_was_taken_along(ships: Fleet) -> None:
    """S59: it is fetched after the promotion, signed by the node that led, and shown as archive."""
    archives = eventually(
        lambda: expect(ships.api("GET", "audit/archives/"), 200).body["imported"], within=30
    )
    assert [each["signer"] for each in archives] == [1]
    answer = ships.api("GET", f"audit/archives/{archives[0]['id']}/events/?action=cluster.created")
    assert len(expect(answer, 200).body["results"]) == 1
    open_ones = expect(ships.api("GET", "follow-ups/"), 200).body["results"]
    left = [each for each in open_ones if each["kind"] == "audit_trail"]
    assert [each["settled_by"] for each in left if each["settled_at"] is None] == []


def test_cut_tail_is_found_and_the_smaller_checkpoint_refused(ships: Fleet) -> None:
    """The alarm is an event on the leader, although nobody asks."""
    leader = ships.leader
    eventually(lambda: is_settled(ships), within=CHECKPOINT_SECONDS, every=2)
    with doctored(leader, CUT):
        (alarm, *_) = eventually(lambda: rows.events(leader, "audit.broken"), within=40)
        refused = eventually(lambda: _refusals(ships), within=CHECKPOINT_SECONDS + 20, every=2)
    assert "remembers" in alarm["details"]["reason"]
    assert "had" in refused


def test_trail_that_was_written_anew_is_found_by_the_workers(ships: Fleet) -> None:
    """Every hash fits, and the leader's own memory is gone."""
    eventually(lambda: is_settled(ships), within=CHECKPOINT_SECONDS, every=2)
    with doctored(ships.leader, REWRITE):
        report = eventually(lambda: _finding(ships), within=20)
    assert "remembers" in report["first_bad"]["reason"]
    assert "this machine" not in report["first_bad"]["reason"]


def _refusals(ships: Fleet) -> str:
    """What the workers say of a checkpoint that is shorter than what they remember."""
    told = {each["node"]: each["refusal"] for each in verification(ships)["witnesses"]}
    return str(told[1] + told[3])


def _finding(ships: Fleet) -> dict[str, Any]:
    """What is wrong, once anything is."""
    report = verification(ships)
    return {} if report["ok"] else report
