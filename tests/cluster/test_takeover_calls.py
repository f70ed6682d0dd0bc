"""``/agent/v1/prepare`` and ``/lead``: what the leader asks of the node that is to lead next."""

from typing import Any

import pytest

from audit.models import AuditEvent
from cluster.models import Cluster, Operation, SignedState
from nodes.models import Node
from tests.accounts.factories import make_administrator
from tests.cluster.factories import carry_on
from tests.cluster.pairs import UUID, Pair

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(pair: Pair) -> dict[str, int]:
    """This machine is node 2, and holds the last state, in which its promotion is open."""
    make_administrator("ann")
    carry_on(pair.promote())
    document = pair.spread()
    pair.become(2)
    return {"term": document["term"], "generation": document["generation"]}


def prepare(pair: Pair, held: dict[str, int], **changes: Any) -> Any:
    return pair.call("prepare", held | {"operation": UUID}, **changes)


def lead(pair: Pair, held: dict[str, int]) -> Any:
    return lead_from(pair, held["generation"], told=held["generation"])


def lead_from(pair: Pair, generation: int, *, told: int) -> Any:
    link = pair.agents[1].hand_over(to=2, generation=generation)
    return pair.call("lead", {"handover": link, "generation": told})


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_prepared_node_is_still_a_worker(pair: Pair, held: dict[str, int]) -> None:
    answer = prepare(pair, held)

    assert answer.status_code == 200
    assert pair.agents[2].status()["role"] == "worker"
    assert Cluster.objects.get().term == 2
    assert Node.objects.get(role="leader").pk == 2
    assert not AuditEvent.objects.filter(action="leadership.taken").exists()


def test_handover_makes_it_lead(pair: Pair, held: dict[str, int]) -> None:
    prepare(pair, held)

    answer = lead(pair, held)

    status = pair.agents[2].status()
    assert answer.json()["jws"] == pair.agents[2].open_state()["jws"]
    assert (status["role"], status["term"], status["generation"]) == ("leader", 2, 3)
    assert SignedState.objects.get().jws == answer.json()["jws"]
    taken = AuditEvent.objects.get(action="leadership.taken")
    assert (taken.user, taken.details["reason"]) == ("alice", "handed over")
    assert Operation.objects.get().steps.get(name="step_down").state == "pending"


def test_first_state_proves_itself_to_the_others(pair: Pair, held: dict[str, int]) -> None:
    prepare(pair, held)

    jws = lead(pair, held).json()["jws"]

    pair.agents[1].receive(jws=jws)
    assert pair.agents[1].status()["generation"] == 3


def test_same_answer_each_time(pair: Pair, held: dict[str, int]) -> None:
    """The reply was lost."""
    prepare(pair, held)
    first = lead(pair, held).json()

    second = lead(pair, held)

    assert (second.status_code, second.json()) == (200, first)
    assert AuditEvent.objects.filter(action="leadership.taken").count() == 1


def test_answer_after_a_crash_behind_the_signature(pair: Pair, held: dict[str, int]) -> None:
    prepare(pair, held)
    first = lead(pair, held).json()
    SignedState.objects.all().delete()

    assert lead(pair, held).json() == first
    assert SignedState.objects.get().jws == first["jws"]


def test_unprepared_node_does_not_lead(pair: Pair, held: dict[str, int]) -> None:
    answer = lead(pair, held)

    assert code(answer) == (409, "takeover_not_prepared")
    assert pair.agents[2].status()["role"] == "worker"


def test_node_that_prepared_an_older_state_does_not_lead(pair: Pair, held: dict[str, int]) -> None:
    """S28: the freeze had ended, and somebody has written since."""
    prepare(pair, held)

    answer = lead_from(pair, held["generation"], told=held["generation"] + 1)

    assert code(answer) == (409, "takeover_not_prepared")
    assert pair.agents[2].status()["role"] == "worker"


def test_another_state_than_the_one_it_holds_is_not_prepared(
    pair: Pair, held: dict[str, int]
) -> None:
    answer = prepare(pair, held | {"generation": held["generation"] + 1})

    assert code(answer) == (409, "state_not_held")
    assert Cluster.objects.get().term == 1


def test_prepared_twice_is_imported_once(pair: Pair, held: dict[str, int]) -> None:
    prepare(pair, held)
    Node.objects.filter(pk=1).update(label="mine")

    prepare(pair, held)

    assert Node.objects.get(pk=1).label == "mine"


def test_handover_to_nobody_leads_nowhere(pair: Pair, held: dict[str, int]) -> None:
    """The agent verifies it; a token alone makes no leader."""
    prepare(pair, held)

    answer = pair.call(
        "lead", {"handover": {"signed": "e30.e30.e30"}, "generation": held["generation"]}
    )

    assert answer.status_code == 400
    assert pair.agents[2].status()["role"] == "worker"
    assert lead(pair, held).status_code == 200


@pytest.mark.parametrize("name", ["prepare", "lead"])
def test_only_the_leader_may_ask(name: str, pair: Pair, held: dict[str, int]) -> None:
    """Neither the node itself, nor a token that was made for somebody else."""
    by_itself = pair.call(name, {}, by=2)
    for_others = pair.call(name, {}, audience=UUID)

    assert code(by_itself) == (401, "cluster_auth_error")
    assert code(for_others) == (401, "cluster_auth_error")


def test_stranger_that_asks_a_new_leader_again_gets_nothing(
    pair: Pair, held: dict[str, int]
) -> None:
    prepare(pair, held)
    lead(pair, held)
    Node.objects.filter(pk=1).update(state=Node.State.REMOVED)

    answer = pair.call("lead", {})

    assert code(answer) == (401, "cluster_auth_error")


def test_healthy_leader_takes_over_from_nobody(pair: Pair) -> None:
    answer = pair.call("prepare", {}, audience=f"{UUID}/1")

    assert answer.status_code in (400, 401, 409)
    assert pair.agents[1].status()["role"] == "leader"


def test_leader_prepares_for_no_member_that_asks_with_its_own_key(pair: Pair) -> None:
    """Its database is the cluster's: an import would replace it, and name a term of nobody."""
    document = pair.spread()
    held = {"term": document["term"], "generation": document["generation"]}

    answer = prepare(pair, held, audience=f"{UUID}/1", by=2)

    assert code(answer) == (409, "node_is_already_leader")
    assert (Cluster.objects.get().term, SignedState.objects.count()) == (1, 1)
