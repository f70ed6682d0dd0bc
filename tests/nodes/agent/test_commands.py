"""Commands: a closed list, run once by id, answered until the leader has the answer."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from nodes.agent.commands import REMEMBERED, Commands
from nodes.agent.machine import PeerStatus
from nodes.agent.probe import Probe
from nodes.agent.sync.reply import Command
from tests.nodes.agent.leader import running_leader


class Counter:
    """A verb that counts its runs, and a way to wait for a result."""

    def __init__(self) -> None:
        self.runs = 0
        self.answered = threading.Semaphore(0)
        self.commands = Commands({"count": self}, on_result=self.answered.release)

    def __call__(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.runs += 1
        if arguments.get("fail"):
            raise ValueError("hosts is missing")
        return {"runs": self.runs}

    def deliver(self, *commands: Command) -> list[dict[str, Any]]:
        """Deliver, and give the results once as many are there."""
        self.commands.deliver(commands)
        for _ in commands:
            assert self.answered.acquire(timeout=5)
        return self.commands.results()


def count(number: int, **arguments: Any) -> Command:
    return Command(number, "count", arguments)


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_command_is_run(counter: Counter) -> None:
    assert counter.deliver(count(1)) == [{"id": 1, "ok": True, "data": {"runs": 1}}]


def test_command_that_is_delivered_again_is_not_run_again(counter: Counter) -> None:
    results = counter.deliver(count(1))
    counter.commands.deliver([count(1)])
    assert counter.commands.results() == results
    assert counter.runs == 1


def test_acknowledged_result_is_not_told_again(counter: Counter) -> None:
    counter.commands.acknowledge(counter.deliver(count(1)))
    assert counter.commands.results() == []


def test_result_is_told_again_when_the_leader_asks_again(counter: Counter) -> None:
    counter.commands.acknowledge(counter.deliver(count(1)))
    counter.commands.deliver([count(1)])
    assert counter.commands.results() == [{"id": 1, "ok": True, "data": {"runs": 1}}]


def test_unknown_verb_is_answered_as_unsupported(counter: Counter) -> None:
    results = counter.deliver(Command(1, "reboot", {}))
    assert results == [{"id": 1, "ok": False, "data": {"code": "unsupported"}}]


def test_failed_command_says_why(counter: Counter) -> None:
    results = counter.deliver(count(1, fail=True))
    assert results == [
        {"id": 1, "ok": False, "data": {"code": "failed", "detail": "hosts is missing"}}
    ]


def test_only_recent_ids_are_remembered(counter: Counter) -> None:
    counter.deliver(*(count(number) for number in range(1, REMEMBERED + 2)))
    assert len(counter.commands._known) == REMEMBERED


# probe

PEER: PeerStatus = {
    "node_id": 3,
    "endpoint": "192.0.2.3:55820",
    "last_handshake": 1,
    "received": 0,
    "sent": 0,
}
probe = Probe(lambda: {"state": "up", "reason": None, "interface": "wg0", "peers": [PEER]})


def test_probe_tells_address_certificate_and_handshake(tmp_path: Any) -> None:
    """S36, S37: what was probed is said, and the VPN's handshake is probed for real."""
    with running_leader(tmp_path) as leader:
        answer = probe({"hosts": [{"node_id": 3, "url": leader.url}]})
    [host] = answer["hosts"]
    assert host["ok"]
    assert host["addresses"] == ["127.0.0.1"]
    assert host["tls_fingerprint"] == leader.fingerprint
    assert host["handshake_age"] > 10**9


def test_probe_names_what_does_not_answer() -> None:
    answer = probe({"hosts": [{"node_id": 4, "url": "https://127.0.0.1:1"}]})
    [host] = answer["hosts"]
    assert not host["ok"]
    assert "refused" in host["detail"]
    assert host["handshake_age"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"hosts": "x"},
        {"hosts": [{"node_id": 1}] * 65},
        {"hosts": [{"node_id": 1, "url": "file:///etc/shadow"}]},
    ],
    ids=["none", "text", "too many", "no https"],
)
def test_probe_refuses_other_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        probe(arguments)
