"""Logs travel to whoever leads, and none is lost on the way (S29); by a real rsyslog.

``FLOTILLA_LAB_LOG_LINES`` says how many lines each node writes at least.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cluster.logs.question import Question
from cluster.logs.record import Record
from cluster.logs.search import find_all
from tests.lab import fleet, journald, receiver
from tests.lab.authorities import Authority
from tests.lab.chatter import log_of, talking
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.receiver import SyslogReceiver
from tests.lab.waiting import eventually

pytestmark = pytest.mark.lab

SIZE = 3
LINES = int(os.environ.get("FLOTILLA_LAB_LOG_LINES", "5000"))
STORY, HOSTILE, SERVICE, SEALED = "story", "hostile", "service", "sealed"
SAID = [f"journal line {number:04d}" for number in range(1000)]
EVIL = "\x1b[31mred\x1b[0m \r <script>alert(1)</script> \u202e" + 64 * 1024 * "x"


@pytest.fixture(scope="module")
def ships(make_lab: Callable[..., Lab]) -> Fleet:
    return fleet.gather(make_lab, nodes=SIZE, joined=SIZE)


@pytest.fixture(scope="module")
def forwarded(ships: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyslogReceiver]:
    """Whom all that lead, and that led, send what has arrived at them."""
    with receiver.running(ships.hosts[2], tmp_path_factory.mktemp("receiver")) as made:
        expect(ships.api("PUT", "logs/forwarding/", made.place), 200)
        yield made


def store(host: Host, program: str) -> list[Record]:
    """What a host keeps of a program's lines, as it is found there."""
    return list(find_all(Question(program=program), root=host.state_dir / "logs"))


def messages(host: Host, program: str) -> Counter[str]:
    return Counter(record.message for record in store(host, program))


def test_hostile_line_is_one_harmless_line_of_the_node_that_wrote_it(ships: Fleet) -> None:
    with log_of(ships.hosts[2], HOSTILE).open("w", newline="") as log:
        log.write(f"{EVIL}\n")
    found = eventually(lambda: store(ships.leader, HOSTILE), within=15)
    assert [record.node for record in found] == [2]
    message = found[0].message
    assert message.startswith("\\u001b[31mred\\u001b[0m \\u000d <script>alert(1)</script> \\u202e")
    assert len(message) > 60_000
    assert message.replace("\\u202e", "").isprintable()


def test_journal_arrives_with_what_it_knows_of_each_line_and_outlives_agent_and_leader(
    ships: Fleet,
) -> None:
    """What is said while both are away, too; each line is there once."""
    worker = ships.hosts[2]
    noted = worker.state_dir / "rsyslog" / "journal.state"
    with journald.running(worker) as journal:
        eventually(noted.exists, within=15)
        journal.say(SERVICE, SAID[:40])
        eventually(lambda: len(store(ships.leader, SERVICE)) == 40, within=15)
        ships.leader.kill("agent")
        worker.kill("agent")
        journal.say(SERVICE, SAID[40:])
        eventually(lambda: set(SAID) <= set(messages(ships.leader, SERVICE)), within=30)
    found = store(ships.leader, SERVICE)
    assert sorted(record.message for record in found) == sorted(SAID)
    assert {(record.node, record.severity) for record in found} == {(2, "error")}


def test_each_line_is_in_a_store_and_in_none_twice_however_often_the_leader_changes(
    ships: Fleet, forwarded: SyslogReceiver
) -> None:
    """Two promotions, then the leader loses its power, and comes back when another leads."""
    with talking(
        list(ships.hosts.values()), program=STORY, at_least=LINES, at_once=max(10, LINES // 200)
    ) as told:
        ships.promote(2)
        ships.wait_until_whole(size=SIZE)
        ships.promote(3)
        ships.wait_until_whole(size=SIZE)
        ships.hosts[3].cut_power()
        for host in ships.workers:
            ships.switch(host, to=1)
        ships.restore(size=SIZE)
    stores = ships.lab.hosts
    eventually(
        lambda: told.said <= set().union(*(messages(host, STORY) for host in stores)), within=60
    )
    for host in stores:
        assert [line for line, count in messages(host, STORY).items() if count > 1] == []
        assert messages(host, STORY).total() > 0
    eventually(lambda: told.said <= forwarded.texts(), within=60)


def test_old_store_is_searched_by_root_where_it_is(ships: Fleet) -> None:
    """S29: a worker that led."""
    done = ships.hosts[3].exec(
        "python", "manage.py", "search_logs", "--program", STORY, "--limit", "5", "--json"
    )
    assert [record["program"] for record in json.loads(done.stdout)["results"]] == [STORY] * 5


def test_leader_shows_what_was_said(ships: Fleet) -> None:
    found = expect(ships.api("GET", "logs/?program=agent&node=2&limit=3"), 200).body["results"]
    assert [record["node"] for record in found] == [2, 2, 2]


def why_away(ships: Fleet) -> str:
    """By the code that the leader gives for its receiver's absence."""
    failure = expect(ships.api("GET", "logs/forwarding/"), 200).body["failure"]
    return str(failure["code"]) if failure else ""


def test_receiver_over_tls_gets_all_that_waited_once_its_authority_is_the_right_one(
    ships: Fleet, tmp_path: Path
) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    ours, theirs = Authority.make(tmp_path / "ours"), Authority.make(tmp_path / "theirs")
    said = {f"sealed line {number}" for number in range(200)}
    with receiver.running(ships.hosts[2], tmp_path, authority=ours) as taking:
        expect(ships.api("PUT", "logs/forwarding/", taking.vouched_for(theirs)), 200)
        with log_of(ships.hosts[2], SEALED).open("a") as log:
            log.writelines(f"{line}\n" for line in sorted(said))
        eventually(lambda: why_away(ships) == "syslog_certificate_untrusted", within=20)
        assert not said & taking.texts()
        expect(ships.api("PUT", "logs/forwarding/", taking.vouched_for(ours)), 200)
        eventually(lambda: said <= taking.texts(), within=20)
        eventually(lambda: not why_away(ships), within=10)


def test_receiver_with_a_certificate_for_another_machine_is_told_apart(
    ships: Fleet, tmp_path: Path
) -> None:
    authority = Authority.make(tmp_path)
    with receiver.running(ships.hosts[2], tmp_path, authority=authority, name="192.0.2.1") as wrong:
        refused = ships.api("POST", "logs/forwarding/test/", wrong.vouched_for(authority))
    assert expect(refused, 422).body["errors"][0]["code"] == "syslog_certificate_name"
