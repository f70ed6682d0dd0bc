"""Joining, as the sync loop sees it: the pledge, the admission, the withdrawal, the pin."""

from pathlib import Path
from typing import Any

import pytest

from nodes.agent.membership import Membership
from tests.nodes.agent.documents import make_document
from tests.nodes.agent.leader import NOTHING, StubLeader
from tests.nodes.agent.members import entry, found, pin
from tests.nodes.agent.syncing import Node, generation, refusal, state_answer


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
