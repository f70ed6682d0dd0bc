"""The sync loop against a leader with real TLS: what it tells, and what it takes."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.agent import tokens
from nodes.agent.membership import Membership
from nodes.agent.sync.loop import COMMAND_PAUSE
from tests.lab.waiting import eventually
from tests.nodes.agent.documents import CLUSTER, make_document
from tests.nodes.agent.leader import NOTHING, Answer, StubLeader
from tests.nodes.agent.members import entry
from tests.nodes.agent.syncing import Node, generation, refusal, state_answer


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


def test_answer_of_a_leader_that_was_replaced_meanwhile_is_void(
    admitted: Node, stub: StubLeader, leader: Membership, worker: Membership
) -> None:
    """Not one command of it is obeyed, and its state is no alarm."""
    jws, nodes = generation(leader, worker, 4, stub), (entry(leader, 1), entry(worker, 2))

    def replaced(body: dict[str, Any]) -> Answer:
        worker.lead(make_document(*nodes, term=2, leader=2), approved=True)
        return 200, {**commands_answer(command(7, word="ahoy"))[1], "state": jws}

    stub.answers.append(replaced)
    admitted.step()
    assert (worker.refused, worker.record.term) == (None, 2)
    assert admitted.commands.results() == []


def test_answer_that_a_later_state_overtook_is_no_alarm(
    admitted: Node, stub: StubLeader, leader: Membership, worker: Membership
) -> None:
    """The leader's own console signs a state while its agent is being answered with the last."""
    late, later = (generation(leader, worker, number, stub) for number in (4, 5))

    def overtaken(body: dict[str, Any]) -> Answer:
        worker.receive(later)
        return state_answer(late)

    stub.answers.append(overtaken)
    assert admitted.step() == 0.0
    assert (worker.refused, worker.holding.generation) == (None, 5)


def test_held_call_is_followed_by_the_next_at_once(admitted: Node, stub: StubLeader) -> None:
    def hold(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        time.sleep(0.3)
        return NOTHING

    stub.answers.append(hold)
    assert admitted.step() == 0.0


def test_leader_that_answers_in_haste_is_not_asked_in_haste(admitted: Node) -> None:
    began = time.monotonic()
    pause = admitted.step()
    seconds = time.monotonic() - began
    assert pause is not None
    assert pause < 0.3
    assert seconds + pause > 0.15


def test_wait_is_kept_with_some_jitter(admitted: Node, stub: StubLeader) -> None:
    stub.answers += [(200, {**NOTHING[1], "wait": 2}), (200, {**NOTHING[1], "wait": 99})]
    short, long = admitted.step(), admitted.step()
    assert short is not None
    assert long is not None
    assert 1.7 < short < 2.3
    assert 4.4 < long < 5.6


# Commands


def command(number: int, verb: str = "greet", **arguments: Any) -> dict[str, Any]:
    return {"id": number, "verb": verb, "arguments": arguments}


def commands_answer(*commands: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {**NOTHING[1], "commands": list(commands)}


def test_command_is_run_and_its_result_told_once(admitted: Node, stub: StubLeader) -> None:
    stub.answers.append(commands_answer(command(7, word="ahoy")))
    admitted.step()
    eventually(admitted.commands.results, within=5, every=0.01)
    admitted.step()
    admitted.step()
    assert stub.bodies[1]["results"] == [{"id": 7, "ok": True, "data": {"said": "ahoy"}}]
    assert stub.bodies[2]["results"] == []


def test_result_is_told_until_the_leader_has_it(admitted: Node, stub: StubLeader) -> None:
    stub.answers += [commands_answer(command(7, word="ahoy")), refusal("x", status=503)]
    admitted.step()
    eventually(admitted.commands.results, within=5, every=0.01)
    admitted.step()
    admitted.step()
    assert stub.bodies[1]["results"] == stub.bodies[2]["results"] != []


def test_leader_is_not_besieged_while_a_command_runs(admitted: Node, stub: StubLeader) -> None:
    """It repeats the command until it is answered; the answer itself wakes the loop."""
    begun, over = threading.Event(), threading.Event()

    def work(arguments: Mapping[str, Any]) -> dict[str, Any]:
        begun.set()
        over.wait(5)
        return {}

    admitted.commands._verbs = {"greet": work}
    stub.answers += [commands_answer(command(7)), commands_answer(command(7))]
    assert admitted.step() == COMMAND_PAUSE
    assert begun.wait(5)
    assert admitted.step() == COMMAND_PAUSE
    over.set()
    eventually(admitted.commands.results, within=5, every=0.01)
