"""The sync loop when something is wrong: clocks, silence, nonsense."""

import time
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import tokens
from nodes.agent.membership import Membership
from tests.nodes.agent.documents import CLUSTER
from tests.nodes.agent.leader import NOTHING, StubLeader
from tests.nodes.agent.members import found, pin
from tests.nodes.agent.syncing import Node, refusal


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
