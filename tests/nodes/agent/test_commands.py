"""Commands: a closed list, run once by id, answered until the leader has the answer."""

import queue
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from nodes.agent.applications.errors import PortTaken
from nodes.agent.commands import REMEMBERED, Commands
from nodes.agent.sync.reply import Command


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


def test_number_of_another_leader_is_another_command(counter: Counter) -> None:
    """Each leader counts for itself."""
    counter.deliver(count(1))

    counter.commands.deliver([count(1)], term=2)

    assert counter.answered.acquire(timeout=5)
    assert counter.runs == 2


def test_answer_for_a_former_leader_is_dropped(counter: Counter) -> None:
    counter.deliver(count(1))

    counter.commands.deliver([], term=2)

    assert counter.commands.results() == []


def test_answer_that_comes_too_late_for_its_leader_is_dropped() -> None:
    begun, over, answered = threading.Event(), threading.Event(), threading.Event()

    def work(arguments: Mapping[str, Any]) -> dict[str, Any]:
        begun.set()
        over.wait(5)
        return {}

    commands = Commands({"count": work}, on_result=answered.set)
    commands.deliver([count(1)], term=1)
    assert begun.wait(5)
    commands.deliver([], term=2)
    over.set()

    assert answered.wait(5)
    assert commands.results() == []


def test_lanes_do_not_wait_for_each_other() -> None:
    """A probe is answered while an image is being fetched."""
    over, answered = threading.Event(), threading.Event()

    def fetch(arguments: Mapping[str, Any]) -> dict[str, Any]:
        over.wait(5)
        return {}

    verbs = {"fetch": fetch, "probe": lambda arguments: {"seen": True}}
    commands = Commands(verbs, on_result=answered.set, lane_of=lambda verb, arguments: verb)
    commands.deliver([Command(1, "fetch", {}), Command(2, "probe", {})])

    assert answered.wait(5)
    assert [result["id"] for result in commands.results()] == [2]
    over.set()


def test_fault_is_answered_and_what_waits_behind_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such as arguments that no version of the leader sends."""
    waiting, answered = threading.Event(), threading.Semaphore(0)
    told: queue.SimpleQueue[Any] = queue.SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", told.put)

    def stumble(arguments: Mapping[str, Any]) -> dict[str, Any]:
        waiting.wait(5)
        raise TypeError("nobody expects this")

    verbs = {"stumble": stumble, "go": lambda arguments: {"gone": True}}
    commands = Commands(verbs, on_result=answered.release)
    commands.deliver([Command(1, "stumble", {}), Command(2, "go", {})])
    waiting.set()

    assert answered.acquire(timeout=5)
    assert answered.acquire(timeout=5)
    first, second = commands.results()
    assert (first["ok"], first["data"]["code"]) == (False, "failed")
    assert second["data"] == {"gone": True}
    assert told.get(timeout=5).exc_type is TypeError  # for the agent's log


def test_refusal_has_its_code() -> None:
    answered = threading.Event()

    def refuse(arguments: Mapping[str, Any]) -> dict[str, Any]:
        raise PortTaken(port=80, holder="nginx")

    commands = Commands({"install": refuse}, on_result=answered.set)
    commands.deliver([Command(1, "install", {})])

    assert answered.wait(5)
    assert commands.results()[0]["data"]["code"] == "port_taken"


def test_results_that_one_sync_cannot_carry_come_with_the_next() -> None:
    answered = threading.Semaphore(0)
    large = {"lines": ["x" * 40_000]}
    commands = Commands({"read": lambda arguments: large}, on_result=answered.release)
    commands.deliver([Command(1, "read", {}), Command(2, "read", {})])
    assert answered.acquire(timeout=5)
    assert answered.acquire(timeout=5)

    first = commands.results()
    commands.acknowledge(first)

    assert [result["id"] for result in first] == [1]
    assert [result["id"] for result in commands.results()] == [2]


def test_large_result_is_forgotten_once_the_leader_has_it() -> None:
    answered = threading.Event()
    large = {"lines": ["x" * 40_000]}
    commands = Commands({"read": lambda arguments: large}, on_result=answered.set)
    commands.deliver([Command(1, "read", {})])
    assert answered.wait(5)

    commands.acknowledge(commands.results())
    commands.deliver([Command(1, "read", {})])

    assert commands.results() == [{"id": 1, "ok": False, "data": {"code": "forgotten"}}]
