"""What a removed node is told, whenever it calls: that it was removed, and nothing else (S20)."""

import json
import time
from typing import Any

import pytest
from django.utils import timezone

from cluster import state
from cluster.models import Cluster, Operation
from cluster.services import takeover
from cluster.services.news import await_news
from nodes.agent import signing
from nodes.agent.tokens import TokenIssuer
from nodes.models import Contact, Node
from tests.cluster.factories import ADMIN, JSON, Newcomer, carry_on, make_code
from tests.cluster.removals import ask_removal
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def removing(member: Newcomer) -> Operation:
    """Node 2 is revoked, and not yet told."""
    return carry_on(ask_removal())


@pytest.fixture
def removed(member: Newcomer) -> Newcomer:
    """Node 2 was removed while it was switched off."""
    Contact.objects.filter(node_id=2).update(last_contact=None)
    assert carry_on(ask_removal(force=True)).state == "succeeded"
    return member


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def confirm(machine: Newcomer, *, token: str | None = None) -> Any:
    """As the machine's agent confirms that it knows."""
    cluster = str(Cluster.objects.get().uuid)
    bearer = token or machine.agent.membership.issuer.issue(
        machine.agent.membership.keys.identity, issuer="2", audience=cluster
    )
    headers = {"Authorization": f"Bearer {bearer}"}
    return machine.client.post("/agent/v1/farewell", {}, content_type=JSON, headers=headers)


def lose_leader(agent: FakeAgent) -> None:
    """The next leader, by root's word on this machine, has nothing but the last state."""
    state.publish()
    document, sealed = takeover.open_held_state()
    agent.depose(by=2, term=1)
    made = takeover.import_state(
        document=document,
        sealed=sealed,
        term=2,
        handover=None,
        endpoint=None,
        actor=ADMIN,
        reason="lost",
    )
    state.store(agent.lead(made, approved=True))


def test_revoked_nodes_sync_is_refused(removing: Operation, member: Newcomer) -> None:
    assert code_of(member.sync()) == (401, "node_removed")


def test_removed_nodes_sync_is_refused_for_ever(removed: Newcomer) -> None:
    """Also when it was off during its removal."""
    assert [code_of(removed.sync()) for _ in range(3)] == [(401, "node_removed")] * 3


def test_refused_sync_is_no_contact(removing: Operation, member: Newcomer) -> None:
    Contact.objects.filter(node_id=2).update(last_contact=None, health={})

    member.sync(health={"vpn": {"state": "up"}})

    contact = Contact.objects.get(node_id=2)
    assert (contact.last_contact, contact.health) == (None, {})


def test_farewell_is_the_leaders_word_for_this_node_and_its_key(
    removed: Newcomer, cluster: Cluster, local_agent: FakeAgent
) -> None:
    farewell = removed.sync().json()["farewell"]

    header, payload = signing.read_unverified(farewell)
    assert (header["typ"], header["kid"]) == ("flotilla-farewell", "1")
    assert signing.verify(farewell, key=local_agent.status()["keys"]["identity_key"])
    assert json.loads(payload) == {
        "cluster": str(cluster.uuid),
        "node_id": 2,
        "identity_key": removed.agent.status()["keys"]["identity_key"],
        "term": 1,
    }


def test_answer_says_by_what_right_the_leader_leads(removed: Newcomer) -> None:
    """So that a node that was away for a change of leader believes it."""
    Cluster.objects.update(handover={"claim": "signed"})

    assert removed.sync().json()["handover"] == {"claim": "signed"}


def test_machine_that_is_told_knows_that_it_is_removed(removed: Newcomer) -> None:
    answer = removed.sync().json()

    removed.agent.depart(answer["farewell"], handover=answer["handover"])

    assert removed.agent.status()["role"] == "removed"


def test_removed_node_stays_out_while_the_leaders_agent_is_down(
    removed: Newcomer, local_agent: FakeAgent
) -> None:
    token = removed.agent.token(audience=str(Cluster.objects.get().uuid))
    local_agent.available = False

    answer = removed.sync(token=token)

    assert (code_of(answer), answer.json()["farewell"]) == ((401, "node_removed"), None)


def test_somebody_with_another_key_is_told_nothing(
    removed: Newcomer, local_agent: FakeAgent, cluster: Cluster
) -> None:
    stranger = local_agent.membership
    token = stranger.issuer.issue(stranger.keys.identity, issuer="2", audience=str(cluster.uuid))

    answer = removed.sync(token=token)

    assert code_of(answer) == (401, "cluster_auth_error")
    assert "farewell" not in answer.json()


def test_removed_node_with_a_wrong_clock_can_correct_it(removed: Newcomer) -> None:
    removed.agent.membership.issuer = TokenIssuer(clock=lambda: time.time() - 600)

    assert code_of(removed.sync()) == (401, "clock_skew")


def test_call_that_is_held_while_its_node_is_removed_brings_no_state(
    member: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal makes a new state, and its node is the one that must not get it."""

    def remove_meanwhile(*args: Any, **values: Any) -> Any:
        carry_on(ask_removal())
        return await_news(*args, **values)

    monkeypatch.setattr("cluster.services.sync.await_news", remove_meanwhile)

    answer = member.sync(source="10.5.4.2")

    assert code_of(answer) == (401, "node_removed")
    assert "state" not in answer.json()


def test_confirmation_ends_the_waiting(removing: Operation, member: Newcomer) -> None:
    assert confirm(member).status_code == 200

    carry_on(removing)

    assert removing.state == "succeeded"
    assert removing.steps.get(name="tell").state == "succeeded"


def test_confirmation_wakes_the_removal(removing: Operation, member: Newcomer) -> None:
    Operation.objects.update(poked=False)

    confirm(member)

    removing.refresh_from_db()
    assert removing.poked


def test_node_that_comes_back_later_confirms_too(removed: Newcomer) -> None:
    assert confirm(removed).status_code == 200
    assert Contact.objects.get(node_id=2).farewell_at is not None


def test_confirmation_is_good_once(removed: Newcomer, cluster: Cluster) -> None:
    token = removed.agent.token(audience=str(cluster.uuid))
    confirm(removed, token=token)

    assert code_of(confirm(removed, token=token)) == (401, "token_replayed")


def test_member_has_nothing_to_confirm(member: Newcomer) -> None:
    assert code_of(confirm(member)) == (409, "node_state_conflict")
    assert Contact.objects.get(node_id=2).farewell_at is None


@pytest.mark.parametrize("token", ["x", "a.b.c"])
def test_stranger_confirms_nothing(token: str, removed: Newcomer) -> None:
    assert code_of(confirm(removed, token=token)) == (401, "cluster_auth_error")


def test_token_for_this_very_node_is_accepted(member: Newcomer, cluster: Cluster) -> None:
    """What a node sends that looks for a new leader."""
    token = member.agent.token(audience=f"{cluster.uuid}/1")

    assert member.sync(token=token).status_code == 200


@pytest.mark.parametrize("ending", ["/2", "/", "/1/", "/None"])
def test_token_for_another_node_is_refused(ending: str, member: Newcomer, cluster: Cluster) -> None:
    token = member.agent.token(audience=f"{cluster.uuid}{ending}")

    assert code_of(member.sync(token=token)) == (401, "cluster_auth_error")


def test_later_leader_tells_it_too(removed: Newcomer, local_agent: FakeAgent) -> None:
    """Also one that takes over from the state that it held."""
    lose_leader(local_agent)

    assert code_of(removed.sync()) == (401, "node_removed")


def test_later_leader_finishes_the_removal(removing: Operation, local_agent: FakeAgent) -> None:
    lose_leader(local_agent)
    Contact.objects.filter(node_id=2).update(farewell_at=timezone.now())

    operation = carry_on(Operation.objects.get(kind="remove"))

    assert (operation.state, Node.objects.get(pk=2).state) == ("succeeded", "removed")


def test_machine_that_was_removed_joins_again_as_another_node(
    removed: Newcomer, cluster: Cluster
) -> None:
    """After its clean start, with new keys, a new number, and its old address."""
    answer = removed.sync().json()
    before = removed.agent.status()["keys"]
    removed.agent.depart(answer["farewell"])
    removed.agent.clean_start()

    enrolled = removed.enrol(make_code()[1]).json()

    node = Node.objects.get(pk=enrolled["node_id"])
    assert (node.pk, node.vpn_address) == (3, "10.5.4.2")
    assert set(before.values()).isdisjoint(removed.agent.status()["keys"].values())
