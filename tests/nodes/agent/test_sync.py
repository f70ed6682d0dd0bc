"""The sync loop against a leader with real TLS: what it tells, what it takes, and how it fails."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import tokens
from nodes.agent.commands import Commands
from nodes.agent.facts import Facts
from nodes.agent.membership import Membership
from nodes.agent.sync.client import Client
from nodes.agent.sync.clock import LeaderClock
from nodes.agent.sync.loop import SyncLoop
from nodes.agent.sync.report import Reporter
from nodes.agent.sync.routes import Routes
from nodes.agent.vpn.reconciler import Reconciler, WireGuardKey
from tests.fakes import FakeMachine
from tests.nodes.agent.documents import CLUSTER, make_document
from tests.nodes.agent.fakes import FakeInterface
from tests.nodes.agent.leader import NOTHING, StubLeader, running_leader
from tests.nodes.agent.members import entry, found, pin


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[StubLeader]:
    with running_leader(tmp_path) as leader:
        yield leader


class Node:
    """A node with its loop; each ``step`` is one sync."""

    def __init__(self, member: Membership, *, certificate: Path, console_port: int = 1) -> None:
        self.member = member
        self.interface = FakeInterface(public_key=member.keys.wireguard_public)
        self.interface.impossible = "this is a test"
        self.reconciler = Reconciler(
            self.interface,
            key=lambda: WireGuardKey(member.keys.wireguard_public, "/key"),
            holding=lambda: member.holding,
            listen_port=55820,
            on_answer=lambda: None,
        )
        self.commands = Commands(
            {"greet": lambda arguments: {"said": arguments["word"]}}, on_result=lambda: None
        )
        clock = LeaderClock(member.issuer)
        self.clock = clock
        facts = Facts(fqdn="node2.example.org", vpn_interface="wg0")
        reporter = Reporter(
            membership=member,
            machine=FakeMachine(member),
            facts=facts,
            commands=self.commands,
            clock=clock,
        )
        self.loop = SyncLoop(
            membership=member,
            reconciler=self.reconciler,
            reporter=reporter,
            commands=self.commands,
            clock=clock,
            routes=Routes(
                hub_is_alive=lambda: False,
                own_console=("127.0.0.1", console_port),
                own_certificate=certificate,
            ),
            client=Client(),
        )

    def step(self) -> float | None:
        self.reconciler.run_once()
        return self.loop.step()


@pytest.fixture
def joining(leader: Membership, worker: Membership, stub: StubLeader, tmp_path: Path) -> Node:
    """Node 2, which has adopted generation 2 and not yet talked with its leader."""
    way = pin(leader, console_url=stub.url, tls_fingerprint=stub.fingerprint)
    worker.adopt(found(leader, worker), node_id=2, leader=way)
    return Node(worker, certificate=tmp_path / "none")


def generation(leader: Membership, worker: Membership, number: int, stub: StubLeader) -> str:
    """A state in which node 2 is active."""
    way = {"console_url": stub.url, "tls_fingerprint": stub.fingerprint}
    nodes = (entry(leader, 1, **way), entry(worker, 2))
    return leader.sign(make_document(*nodes, generation=number))


@pytest.fixture
def admitted(joining: Node, leader: Membership, worker: Membership, stub: StubLeader) -> Node:
    """Node 2, worker at generation 3, after its first sync."""
    stub.answers.append(state_answer(generation(leader, worker, 3, stub)))
    joining.step()
    stub.bodies.clear()
    stub.tokens.clear()
    return joining


def state_answer(jws: str) -> tuple[int, dict[str, Any]]:
    return 200, {**NOTHING[1], "state": jws}


def refusal(code: str, *, status: int = 401, detail: str = "No.") -> tuple[int, dict[str, Any]]:
    return status, {"code": code, "detail": detail}


# What it tells


def test_node_without_a_leader_says_nothing(worker: Membership, tmp_path: Path) -> None:
    node = Node(worker, certificate=tmp_path / "none")
    assert node.step() is None
    assert node.loop.last is None


def test_sync_tells_what_the_node_holds(admitted: Node, stub: StubLeader) -> None:
    admitted.step()
    body = stub.bodies[0]
    assert (body["term"], body["generation"], body["applied_generation"]) == (1, 3, 3)
    assert body["path"] == "public"
    assert body["health"]["refused_state"] is None


def test_each_sync_proves_the_node_anew(
    admitted: Node, stub: StubLeader, worker: Membership
) -> None:
    admitted.step()
    admitted.step()
    key = worker.keys.public.identity_key
    first, second = (
        tokens.verify(token, key=key, audience=CLUSTER, now=time.time()) for token in stub.tokens
    )
    assert first.issuer == second.issuer == "2"
    assert second.issued_at_us > first.issued_at_us


def test_facts_travel_only_when_they_are_news(admitted: Node, stub: StubLeader) -> None:
    admitted.step()
    assert stub.bodies[0]["facts"] is None
    assert stub.bodies[0]["facts_digest"] != ""


def test_first_sync_brings_the_facts(joining: Node, stub: StubLeader) -> None:
    joining.step()
    assert stub.bodies[0]["facts"]["fqdn"] == "node2.example.org"


def test_leader_may_want_the_facts_again(admitted: Node, stub: StubLeader) -> None:
    stub.answers.append((200, {**NOTHING[1], "facts_wanted": True}))
    assert admitted.step() == 0.0
    admitted.step()
    assert stub.bodies[1]["facts"] is not None


def test_unheard_facts_are_told_again(joining: Node, stub: StubLeader) -> None:
    stub.answers.append(refusal("unavailable", status=503))
    joining.step()
    joining.step()
    assert stub.bodies[1]["facts"] is not None


# What it takes


def test_newer_state_is_held_and_acknowledged_at_once(
    admitted: Node, stub: StubLeader, leader: Membership, worker: Membership
) -> None:
    stub.answers.append(state_answer(generation(leader, worker, 4, stub)))
    assert admitted.step() == 0.0
    admitted.step()
    assert stub.bodies[1]["generation"] == 4


def test_refused_state_is_reported_and_not_asked_for_in_haste(
    admitted: Node, stub: StubLeader, leader: Membership, worker: Membership
) -> None:
    """A state with a flipped bit, or an old one, changes nothing and reaches the leader's eyes."""
    jws = generation(leader, worker, 4, stub)
    stub.answers.append(state_answer(jws[:-6] + "AAAAAA"))
    pause = admitted.step()
    admitted.step()
    assert pause is not None
    assert pause > 0
    assert stub.bodies[1]["generation"] == 3
    assert stub.bodies[1]["health"]["refused_state"]["code"] == "state_signature_invalid"


def test_held_call_is_followed_by_the_next_at_once(admitted: Node, stub: StubLeader) -> None:
    def hold(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        time.sleep(0.3)
        return NOTHING

    stub.answers.append(hold)
    assert admitted.step() == 0.0


def test_leader_that_answers_in_haste_is_not_asked_in_haste(admitted: Node) -> None:
    pause = admitted.step()
    assert pause is not None
    assert 0.05 < pause < 0.3


def test_wait_is_kept_with_some_jitter(admitted: Node, stub: StubLeader) -> None:
    stub.answers += [(200, {**NOTHING[1], "wait": 2}), (200, {**NOTHING[1], "wait": 99})]
    short, long = admitted.step(), admitted.step()
    assert short is not None
    assert long is not None
    assert 1.7 < short < 2.3
    assert 4.4 < long < 5.6


# Joining


def test_pledge_is_given_before_the_leader_hears_that_the_state_is_held(
    joining: Node, stub: StubLeader, worker: Membership
) -> None:
    pledged: list[object] = []

    def look(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        pledged.append(worker.record.joining and worker.record.joining.pledged)
        return NOTHING

    stub.answers.append(look)
    joining.step()
    assert pledged == [True]


def test_joining_node_asks_often(joining: Node, stub: StubLeader) -> None:
    stub.answers.append((200, {**NOTHING[1], "wait": 5}))
    assert joining.step() == 0.2


def test_active_in_the_state_means_admitted(
    joining: Node, stub: StubLeader, leader: Membership, worker: Membership
) -> None:
    stub.answers.append(state_answer(generation(leader, worker, 3, stub)))
    joining.step()
    assert worker.record.role == "worker"


def test_answer_admits_where_the_adopted_state_already_did(
    leader: Membership, worker: Membership, stub: StubLeader, tmp_path: Path
) -> None:
    """The same code once more, after the reply of the first time was lost."""
    leader.lead(make_document(entry(leader, 1)))
    way = pin(leader, console_url=stub.url, tls_fingerprint=stub.fingerprint)
    worker.adopt(generation(leader, worker, 2, stub), node_id=2, leader=way)
    Node(worker, certificate=tmp_path / "none").step()
    assert worker.record.role == "worker"


def test_node_not_found_means_withdrawn(
    joining: Node, stub: StubLeader, worker: Membership
) -> None:
    stub.answers.append(refusal("node_not_found", detail="The join was cancelled."))
    joining.step()
    assert worker.record.role == "uninitialised"
    assert worker.record.reason == "The join was cancelled."
    assert joining.step() is None


@pytest.mark.parametrize(
    "answer",
    [
        refusal("cluster_auth_error"),
        refusal("node_not_found", status=404),
        refusal("x", status=500),
    ],
    ids=["auth", "404", "500"],
)
def test_other_refusals_withdraw_nothing(
    joining: Node, stub: StubLeader, worker: Membership, answer: Any
) -> None:
    stub.answers.append(answer)
    joining.step()
    assert worker.record.is_joining


def test_worker_that_the_leader_does_not_know_stays_one(
    admitted: Node, stub: StubLeader, worker: Membership
) -> None:
    stub.answers.append(refusal("node_not_found"))
    admitted.step()
    assert worker.record.role == "worker"


# The pin


def test_other_certificate_never_sees_the_token(
    leader: Membership, worker: Membership, stub: StubLeader, tmp_path: Path
) -> None:
    """S13: whoever answers without the pinned certificate learns nothing."""
    way = pin(leader, console_url=stub.url, tls_fingerprint="ab" * 32)
    worker.adopt(found(leader, worker), node_id=2, leader=way)
    node = Node(worker, certificate=tmp_path / "none")
    node.step()
    assert stub.tokens == []
    assert node.loop.last is not None
    assert "does not show the leader's certificate" in node.loop.last["detail"]


def test_leaders_agent_asks_its_own_console_by_its_own_certificate(
    leader: Membership, stub: StubLeader, tmp_path: Path
) -> None:
    leader.lead(make_document(entry(leader, 1)))
    node = Node(leader, certificate=tmp_path / "leader.pem", console_port=stub.server_port)
    node.step()
    assert len(stub.bodies) == 1


# The clock


@pytest.mark.parametrize("code", ["clock_skew", "token_replayed"])
def test_clock_is_set_right_by_the_answer_and_the_call_repeated_at_once(
    admitted: Node, stub: StubLeader, worker: Membership, code: str
) -> None:
    stub.clock_ahead = 300.0
    stub.answers.append(refusal(code))
    admitted.step()
    key = worker.keys.public.identity_key
    assert len(stub.tokens) == 2
    assert tokens.verify(stub.tokens[1], key=key, audience=CLUSTER, now=time.time() + 300)
    assert admitted.loop.last is not None
    assert admitted.loop.last["ok"]


def test_clock_offset_is_reported(admitted: Node, stub: StubLeader) -> None:
    stub.clock_ahead = 30.0
    admitted.step()
    admitted.step()
    assert stub.bodies[1]["health"]["clock_offset"] in (29, 30, 31)


def test_second_of_difference_is_none(admitted: Node, stub: StubLeader) -> None:
    stub.clock_ahead = 0.4
    admitted.step()
    assert admitted.clock.offset == 0


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_senseless_date_changes_nothing(admitted: Node, date: str) -> None:
    admitted.clock.observe(date)
    assert admitted.clock.offset == 0


# Failure


def test_dead_leader_is_tried_again_soon_and_then_less_often(
    admitted: Node, stub: StubLeader
) -> None:
    stub.answers += [refusal("unavailable", status=503)] * 7
    pauses = [admitted.step() or 0.0 for _ in range(7)]
    assert pauses[0] < 0.2
    assert max(pauses) <= 3.0
    assert pauses[6] > pauses[0]


def test_success_makes_the_next_failure_the_first(admitted: Node, stub: StubLeader) -> None:
    failed = refusal("unavailable", status=503)
    stub.answers += [failed, failed, failed, NOTHING, failed]
    pauses = [admitted.step() or 0.0 for _ in range(5)]
    assert pauses[2] > 0.5
    assert pauses[4] < 0.2


@pytest.mark.parametrize(
    "answer",
    [
        {"state": 1},
        {"wait": "long"},
        {"commands": [1]},
        {"commands": [{"id": 1, "verb": "greet"}]},
        {"commands": [{"id": "1", "verb": "greet", "arguments": {}}]},
    ],
    ids=str,
)
def test_malformed_answer_is_a_failure(admitted: Node, stub: StubLeader, answer: Any) -> None:
    stub.answers.append((200, {**NOTHING[1], **answer}))
    admitted.step()
    assert admitted.loop.last is not None
    assert "malformed" in admitted.loop.last["detail"]


def test_failure_is_told_with_its_reason(admitted: Node, stub: StubLeader) -> None:
    stub.answers.append(refusal("cluster_auth_error", detail="The token is not valid."))
    admitted.step()
    assert admitted.loop.last is not None
    assert admitted.loop.last["detail"] == "401 cluster_auth_error: The token is not valid."


def test_silence_is_told_in_words(leader: Membership, worker: Membership, tmp_path: Path) -> None:
    way = pin(leader, console_url="https://127.0.0.1:1")
    worker.adopt(found(leader, worker), node_id=2, leader=way)
    node = Node(worker, certificate=tmp_path / "none")
    node.step()
    assert node.loop.last is not None
    assert node.loop.last["detail"] == "127.0.0.1:1 cannot be reached."


# Commands


def command(number: int, verb: str = "greet", **arguments: Any) -> dict[str, Any]:
    return {"id": number, "verb": verb, "arguments": arguments}


def commands_answer(*commands: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {**NOTHING[1], "commands": list(commands)}


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def test_command_is_run_and_its_result_told_once(admitted: Node, stub: StubLeader) -> None:
    stub.answers.append(commands_answer(command(7, word="ahoy")))
    admitted.step()
    wait_until(admitted.commands.results)
    admitted.step()
    admitted.step()
    assert stub.bodies[1]["results"] == [{"id": 7, "ok": True, "data": {"said": "ahoy"}}]
    assert stub.bodies[2]["results"] == []


def test_result_is_told_until_the_leader_has_it(admitted: Node, stub: StubLeader) -> None:
    stub.answers += [commands_answer(command(7, word="ahoy")), refusal("x", status=503)]
    admitted.step()
    wait_until(admitted.commands.results)
    admitted.step()
    admitted.step()
    assert stub.bodies[1]["results"] == stub.bodies[2]["results"] != []
