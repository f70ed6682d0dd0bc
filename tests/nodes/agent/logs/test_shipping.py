"""A real rsyslog sends, and another keeps, as the agent sets them up."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.agent.logs import rewind, text
from nodes.agent.logs.place import Place
from nodes.agent.logs.sources import Sources
from tests.lab.waiting import eventually
from tests.nodes.agent.logs.ends import HERE, SENDERS, Node


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        free = int(probe.getsockname()[1])
    monkeypatch.setattr(text, "PORT", free)
    return free


@pytest.fixture
def leader(tmp_path: Path, port: int) -> Iterator[Node]:
    node = Node(tmp_path / "leader", Place(1, HERE, is_store=True, senders=SENDERS))
    yield node
    node.rsyslog.stop()


@pytest.fixture
def worker(tmp_path: Path, port: int) -> Iterator[Node]:
    syslog = tmp_path / "syslog"
    node = Node(
        tmp_path / "worker", Place(2, HERE, is_store=False), Sources(journal=False, file=syslog)
    )
    yield node
    node.rsyslog.stop()


def test_lines_have_their_program_severity_and_application(leader: Node, worker: Node) -> None:
    """What comes from the node's own files, its syslog and its applications."""
    leader.start()
    worker.write(b'{"event": "x", "level": "error"}\n')
    worker.write(b"2026-11-22T18:34:57.1+00:00 stdout F ahoy\n", "applications/shop")
    (worker.directory.parent / "syslog").write_text("Nov 22 18:40:00 here sshd[12]: Failed\n")
    worker.start()
    eventually(lambda: len(leader.kept()) == 3, within=10)
    own, shop, ssh = sorted(leader.kept(), key=lambda line: line.partition('"program"')[2])
    assert '"severity":"3"' in own
    assert '"program":"agent", "unit":"flotilla"' in own
    assert '"application":"shop", "message":"ahoy"' in shop
    assert '"program":"sshd"' in ssh


def test_leader_keeps_its_own_lines_too(leader: Node) -> None:
    leader.start()
    leader.write(b"ahoy\n")
    eventually(lambda: len(leader.kept(1)) == 1, within=10)


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
def test_nothing_is_lost_with_either_end_and_copies_have_the_same_id(
    leader: Node, worker: Node, is_killed: bool
) -> None:
    """The leader is killed; its node ends while lines are on their way to nobody."""
    leader.start()
    worker.start()
    worker.write(b"".join(b"first %d\n" % number for number in range(300)))
    eventually(lambda: len(leader.kept()) == 300, within=10)
    kill(leader)
    worker.write(b"".join(b"second %d\n" % number for number in range(300)))
    eventually(lambda: "suspending" in (worker.work / "output").read_text(), within=10)
    kill(worker) if is_killed else worker.rsyslog.stop()
    worker.start()
    leader.start()
    eventually(lambda: len(ids(leader)) == 600, within=20)
    assert len(messages(leader)) == 600


def test_who_calls_itself_another_node_is_still_who_sends(leader: Node, port: int) -> None:
    """By address; and a message that is none of ours is one line as well."""
    leader.start()
    frame = b'<14>1 2026-11-22T10:00:00Z node9 x - - - \x1b[1mred", "id":"1'
    offer = b"relp_version=0\nrelp_software=x\ncommands=syslog"
    eventually(lambda: can_connect(port), within=10)
    with socket.create_connection((HERE, port)) as sender:
        sender.sendall(b"1 open %d %s\n" % (len(offer), offer))
        sender.sendall(b"2 syslog %d %s\n" % (len(frame), frame))
        kept = eventually(lambda: leader.kept(2), within=10)
    assert len(kept) == 1
    assert "\x1b" not in kept[0]


def test_configuration_is_one_that_rsyslog_understands_with_a_journal_too(tmp_path: Path) -> None:
    place = Place(1, HERE, is_store=True, senders=SENDERS)
    node = Node(tmp_path, place, Sources(journal=True))
    node.rsyslog.tell_senders(text.render_senders(place))
    config = tmp_path / "journal.conf"
    config.write_text(node.config)
    subprocess.run(["rsyslogd", "-N1", "-f", config], check=True, capture_output=True)


def test_position_is_a_few_hundred_lines_earlier_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"".join(b"%06d\n" % number for number in range(20_000)))
    with path.open("rb") as file:
        assert rewind.find_earlier(file, 7 * 20_000, lines=15_000) == 7 * 5_000
        assert rewind.find_earlier(file, 7 * 10, lines=15_000) == 0


def ids(node: Node) -> set[str]:
    return {line.partition('"id":')[2].partition(",")[0] for line in node.kept()}


def messages(node: Node) -> set[str]:
    return {line.partition('"message":')[2] for line in node.kept()}


def kill(node: Node) -> None:
    os.kill(int((node.work / "pid").read_text()), 9)
    eventually(lambda: not node.rsyslog.is_running, within=5)


def can_connect(port: int) -> bool:
    try:
        socket.create_connection((HERE, port), timeout=1).close()
    except OSError:
        return False
    return True
