"""The state document: one for each generation, signed after each change, sealed for few."""

import json
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.services import reset_password
from audit.actor import Actor
from cluster import replica, state
from cluster.models import Cluster, Operation, SignedState
from cluster.services.operations import open_operation
from cluster.services.settings import change_cluster
from nodes.agent import document
from nodes.agent.state import State
from nodes.models import Node
from tests.accounts.factories import make_administrator
from tests.cluster.factories import ADMIN, add_node
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def newest() -> dict[str, Any]:
    signed = SignedState.objects.first()
    assert signed is not None
    return document.read_unverified(signed.jws)


def test_document_is_what_the_agent_accepts(cluster: Cluster) -> None:
    add_node(2)

    parsed = State.parse(state.read_document())

    assert [member.id for member in parsed.members] == [1, 2]


def test_every_change_makes_one_new_generation(cluster: Cluster) -> None:
    change_cluster(actor=ADMIN, label="Ships")

    state.publish()

    assert (newest()["generation"], newest()["cluster"]["label"]) == (2, "Ships")


def test_change_of_an_account_makes_a_new_generation(cluster: Cluster) -> None:
    """The sealed part travels too."""
    administrator = make_administrator()

    reset_password(administrator, actor=Actor.root(), password="an other long one")

    assert Cluster.objects.get().generation == 2


def test_no_change_makes_no_generation(cluster: Cluster) -> None:
    change_cluster(actor=ADMIN, label="Fleet", max_nodes=4)

    assert Cluster.objects.get().generation == 1


def test_change_that_is_rolled_back_leaves_the_generation(cluster: Cluster) -> None:
    with transaction.atomic():
        state.bump()
        transaction.set_rollback(True)

    assert Cluster.objects.get().generation == 1


def test_state_is_signed_after_the_commit_and_not_before(
    cluster: Cluster, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(state, "send", sent.append)

    with django_capture_on_commit_callbacks(execute=True):
        state.bump()
        assert sent == []

    assert sent == ["cluster.tasks.publish_state"]


def test_without_a_cluster_there_is_nothing_to_replicate(db: None, local_agent: FakeAgent) -> None:
    assert state.bump() == 0
    assert state.publish() is None


def test_removed_node_is_in_no_state(cluster: Cluster) -> None:
    add_node(2, state=Node.State.REMOVED)

    assert [node["id"] for node in state.read_document()["nodes"]] == [1]


def test_sealed_part_opens_for_an_active_eligible_node(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    make_administrator("berta")

    state.bump()
    state.publish()

    opened = json.loads(local_agent.unseal())
    assert [person["username"] for person in opened["accounts"]["administrators"]] == ["berta"]
    assert opened["cluster"]["next_node_id"] == 2


def test_sealed_part_has_no_secret_of_an_operation(cluster: Cluster) -> None:
    kind, parameters = Operation.Kind.JOIN, {"node_id": 9}
    open_operation(kind, actor=ADMIN, parameters=parameters, secret={"secret": "hush"})

    exported = json.dumps(replica.export())

    assert "node_id" in exported
    assert "hush" not in exported


def test_generation_that_is_signed_is_not_signed_again(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    local_agent.calls.clear()

    state.publish()

    assert ("POST", "/v1/sign") not in local_agent.calls


def test_only_the_last_twenty_states_are_kept(cluster: Cluster) -> None:
    for _ in range(25):
        state.bump()
        state.publish()

    kept = SignedState.objects.values_list("generation", flat=True)
    assert list(kept) == list(range(26, 6, -1))


def test_state_is_signed_again_after_the_answer_was_lost(
    cluster: Cluster, local_agent: FakeAgent
) -> None:
    state.bump()
    first = local_agent.sign(state.read_document())

    signed = state.publish()

    assert signed is not None
    assert signed.jws == first


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_at_once_keep_one_state(cluster: Cluster) -> None:
    state.bump()
    barrier = threading.Barrier(4)
    answers: list[str] = []

    def publish() -> None:
        barrier.wait()
        signed = state.publish()
        answers.append(signed.jws if signed else "")
        connection.close()

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(answers)) == 1
    assert SignedState.objects.filter(generation=2).count() == 1
