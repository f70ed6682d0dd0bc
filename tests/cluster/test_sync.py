"""Sync on the leader: who is believed, what is noted, what is answered."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import AuditEvent
from cluster import state
from cluster.models import Cluster, Operation
from cluster.services.news import LONGEST_WAIT, SHORTEST_WAIT, pause
from nodes.agent import signing, tokens
from nodes.agent.encoding import canonical_json
from nodes.agent.tokens import TokenIssuer
from nodes.models import Command, Contact, Node
from nodes.services.commands import send_command
from tests.cluster.factories import Newcomer, add_node, carry_on, make_code, send_sync
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def joining(cluster: Cluster, newcomer: Newcomer) -> Newcomer:
    """A machine that has adopted its first state."""
    newcomer.adopt(newcomer.enrol(make_code()[1]).json())
    return newcomer


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


def test_sync_is_noted_as_contact(joining: Newcomer) -> None:
    before = timezone.now()

    answer = joining.sync(source="10.5.4.2", health={"vpn": {"state": "up"}})

    contact = Contact.objects.get(node_id=2)
    assert answer.status_code == 200
    assert contact.last_contact is not None
    assert contact.last_contact >= before
    assert (contact.term, contact.generation, contact.applied_generation) == (1, 2, 2)
    assert (contact.path, contact.source) == ("vpn", "10.5.4.2")
    assert contact.health == {"vpn": {"state": "up"}}


def test_path_is_what_the_leader_sees_and_not_what_the_node_says(joining: Newcomer) -> None:
    joining.sync(source="192.0.2.7", path="vpn")

    assert Contact.objects.get(node_id=2).path == "public"


def test_node_that_holds_the_newest_state_is_sent_none(joining: Newcomer) -> None:
    answer = joining.sync(source="10.5.4.2").json()

    assert (answer["state"], answer["commands"], answer["facts_wanted"]) == (None, [], False)
    assert answer["wait"] == SHORTEST_WAIT


def test_node_with_an_older_state_is_sent_the_newest_and_accepts_it(joining: Newcomer) -> None:
    state.bump()
    state.publish()

    answer = joining.sync().json()

    assert answer["wait"] == 0
    assert joining.agent.receive(answer["state"]).generation == 3


def test_facts_are_kept_and_asked_for_only_when_they_differ(joining: Newcomer) -> None:
    first = joining.sync(facts_digest="d1").json()
    sent = joining.sync(facts_digest="d1", facts={"distribution": "debian 12"}).json()
    third = joining.sync(facts_digest="d1").json()

    assert (first["facts_wanted"], sent["facts_wanted"], third["facts_wanted"]) == (
        True,
        False,
        False,
    )
    assert Contact.objects.get(node_id=2).facts == {"distribution": "debian 12"}


def test_facts_bring_the_list_of_nodes_up_to_date(joining: Newcomer) -> None:
    joining.sync(facts_digest="d1", facts={"distribution": "debian 13", "version": "0.1.9"})

    node = Node.objects.get(pk=2)
    assert (node.distribution, node.version) == ("debian 13", "0.1.9")


def test_command_is_delivered_until_its_result_comes(joining: Newcomer) -> None:
    command = send_command(
        Node.objects.get(pk=2), verb=Command.Verb.PROBE, arguments={"a": 1}, actor=Actor.system()
    )
    first = joining.sync().json()["commands"]
    second = joining.sync().json()["commands"]

    joining.sync(results=[{"id": command.pk, "ok": True, "data": {"b": 2}}])

    command.refresh_from_db()
    assert first == second == [{"id": command.pk, "verb": "probe", "arguments": {"a": 1}}]
    assert command.result == {"ok": True, "data": {"b": 2}}
    assert joining.sync().json()["commands"] == []


def test_first_result_of_a_command_stays(joining: Newcomer) -> None:
    command = send_command(
        Node.objects.get(pk=2), verb=Command.Verb.PROBE, arguments={}, actor=Actor.system()
    )
    joining.sync(results=[{"id": command.pk, "ok": True, "data": 1}])

    joining.sync(results=[{"id": command.pk, "ok": False, "data": 2}])

    command.refresh_from_db()
    assert command.result == {"ok": True, "data": 1}


def test_expired_command_is_not_delivered(joining: Newcomer) -> None:
    send_command(
        Node.objects.get(pk=2), verb=Command.Verb.PROBE, arguments={}, actor=Actor.system()
    )
    Command.objects.update(expires_at=timezone.now())

    assert joining.sync().json()["commands"] == []


def test_node_gets_and_answers_its_own_commands_only(joining: Newcomer) -> None:
    """A node can only touch itself."""
    other = add_node(3)
    command = send_command(other, verb=Command.Verb.PROBE, arguments={}, actor=Actor.system())

    answer = joining.sync(results=[{"id": command.pk, "ok": True, "data": "forged"}])

    command.refresh_from_db()
    assert answer.json()["commands"] == []
    assert command.acknowledged_at is None


def test_token_is_good_once(joining: Newcomer, cluster: Cluster) -> None:
    token = joining.agent.token(audience=str(cluster.uuid))
    joining.sync(token=token)

    assert code_of(joining.sync(token=token)) == (401, "token_replayed")


def test_older_token_is_a_replay(joining: Newcomer, cluster: Cluster) -> None:
    older = joining.agent.token(audience=str(cluster.uuid))
    joining.sync()

    assert code_of(joining.sync(token=older)) == (401, "token_replayed")


def test_replayed_sync_changes_nothing(joining: Newcomer, cluster: Cluster) -> None:
    token = joining.agent.token(audience=str(cluster.uuid))
    joining.sync(token=token)
    Contact.objects.update(last_contact=None)

    joining.sync(token=token, generation=9, health={"forged": True})

    contact = Contact.objects.get(node_id=2)
    assert (contact.last_contact, contact.generation, contact.health) == (None, 2, {})


@pytest.mark.parametrize("offset", [-61, 61, -7200, 7200])
def test_wrong_clock_is_named_so_that_the_agent_can_correct_it(
    offset: float, joining: Newcomer
) -> None:
    joining.agent.membership.issuer = TokenIssuer(clock=lambda: time.time() + offset)

    answer = joining.sync()

    assert code_of(answer) == (401, "clock_skew")


@pytest.mark.parametrize("offset", [-55, 55])
def test_clock_that_differs_less_than_a_minute_is_good_enough(
    offset: float, joining: Newcomer
) -> None:
    joining.agent.membership.issuer = TokenIssuer(clock=lambda: time.time() + offset)

    assert joining.sync().status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "a" * 5000], ids=str)
def test_what_is_no_token_is_refused(token: str, joining: Newcomer) -> None:
    answer = joining.client.post(
        "/agent/v1/sync",
        {},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert code_of(answer) == (401, "cluster_auth_error")


def test_token_by_another_key_is_refused(
    joining: Newcomer, local_agent: FakeAgent, cluster: Cluster
) -> None:
    add_node(3)
    impostor = joining.agent.membership
    token = impostor.issuer.issue(impostor.keys.identity, issuer="3", audience=str(cluster.uuid))

    assert code_of(joining.sync(token=token)) == (401, "cluster_auth_error")


def test_token_for_another_cluster_is_refused(joining: Newcomer) -> None:
    token = joining.agent.token(audience="f3b1f1f6-0000-4000-8000-000000000000")

    assert code_of(joining.sync(token=token)) == (401, "cluster_auth_error")


def test_machine_that_is_no_member_is_told_so(joining: Newcomer) -> None:
    Node.objects.filter(pk=2).delete()

    answer = joining.sync()

    assert code_of(answer) == (401, "node_not_found")


def test_machine_whose_join_was_undone_is_told_why(joining: Newcomer) -> None:
    operation = Operation.objects.get(kind="join")
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)

    assert operation.error_detail in joining.sync().json()["detail"]


def test_forger_of_the_machines_key_is_not_told_why_its_join_was_undone(
    joining: Newcomer, cluster: Cluster, local_agent: FakeAgent
) -> None:
    operation = Operation.objects.get(kind="join")
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)
    claims = tokens.read_unverified(joining.agent.token(audience=str(cluster.uuid)))
    payload = {
        "iss": "2",
        "key": claims.key,
        "aud": claims.audience,
        "iat": claims.issued_at,
        "iat_us": claims.issued_at_us,
        "exp": claims.expires_at,
        "jti": claims.id,
    }
    key = local_agent.membership.keys.identity
    forged = signing.sign(canonical_json(payload), key=key, key_id="2", kind="JWT")

    answer = joining.sync(token=forged)

    assert code_of(answer) == (401, "cluster_auth_error")


def test_stranger_is_not_told_why_a_join_was_undone(
    joining: Newcomer, cluster: Cluster, local_agent: FakeAgent
) -> None:
    operation = Operation.objects.get(kind="join")
    Operation.objects.filter(pk=operation.pk).update(deadline=timezone.now())
    carry_on(operation)
    stranger = local_agent.membership
    token = stranger.issuer.issue(stranger.keys.identity, issuer="2", audience=str(cluster.uuid))

    assert operation.error_detail not in joining.sync(token=token).json()["detail"]


@pytest.mark.parametrize(
    "changes",
    [
        {"term": "1"},
        {"generation": -1},
        {"generation": 2**40},
        {"applied_generation": True},
        {"facts": []},
        {"health": None},
        {"health": "up"},
        {"facts_digest": "x" * 65},
        {"results": {}},
        {"results": [1]},
        {"results": [{"id": 1}]},
        {"results": [{"id": 1, "ok": 1, "data": None}] * 101},
    ],
    ids=str,
)
def test_wrong_member_is_named(changes: dict[str, Any], joining: Newcomer) -> None:
    answer = joining.sync(**changes)

    assert code_of(answer) == (400, "request_malformed")
    assert answer.json()["field"] in changes


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b'{"a":' * 20_000,
        "{}".encode("utf-16"),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_garbage_is_refused_and_never_an_error_of_ours(body: bytes, joining: Newcomer) -> None:
    token = joining.agent.token(audience=str(Cluster.objects.get().uuid))

    answer = joining.client.post(
        "/agent/v1/sync",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert code_of(answer) == (400, "request_malformed")


@pytest.mark.parametrize(
    "value", ["1e999", "NaN", "-Infinity", "9" * 5000, '"\\u0000"', '"\\ud800"', '"\\udfff x"']
)
def test_value_that_no_database_can_store_is_refused(value: str, joining: Newcomer) -> None:
    message: dict[str, Any] = {
        "term": 1,
        "generation": 2,
        "applied_generation": 2,
        "facts": None,
        "facts_digest": "",
        "health": {"a": 0},
        "results": [],
    }
    token = joining.agent.token(audience=str(Cluster.objects.get().uuid))

    answer = joining.client.post(
        "/agent/v1/sync",
        json.dumps(message).replace('{"a": 0}', f'{{"a": {value}}}'),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert code_of(answer) == (400, "request_malformed")


def test_characters_beyond_the_basic_plane_are_no_garbage(joining: Newcomer) -> None:
    answer = joining.sync(health={"note": "\U0001f6a2"})

    assert answer.status_code == 200
    assert Contact.objects.get(node_id=2).health == {"note": "\U0001f6a2"}


def test_huge_body_is_refused(joining: Newcomer) -> None:
    answer = joining.sync(health={"a": "x" * 300_000})

    assert code_of(answer) == (413, "request_too_large")


def test_other_methods_are_refused(joining: Newcomer) -> None:
    assert code_of(joining.client.get("/agent/v1/sync")) == (405, "method_not_allowed")


def test_sync_wakes_the_join_that_waits_for_it(joining: Newcomer) -> None:
    operation = carry_on(Operation.objects.get(kind="join"))
    Operation.objects.update(due_at=timezone.now() + timedelta(hours=1))

    joining.sync(source="10.5.4.2")

    operation.refresh_from_db()
    assert operation.due_at <= timezone.now()


def test_sync_costs_the_same_few_queries_whatever_the_number_of_nodes(
    joining: Newcomer, django_assert_max_num_queries: Any
) -> None:
    for number in range(3, 12):
        add_node(number)
    state.publish()
    joining.agent.receive(joining.sync().json()["state"])

    with django_assert_max_num_queries(8):
        joining.sync()


@pytest.mark.parametrize(
    ("nodes", "wait"),
    [(1, SHORTEST_WAIT), (4, SHORTEST_WAIT), (120, 2.0), (240, 4.0), (9999, LONGEST_WAIT)],
)
def test_more_nodes_ask_less_often_and_never_too_seldom(nodes: int, wait: float) -> None:
    assert pause(members=nodes) == wait


@pytest.fixture
def held_calls(settings: Any) -> Iterator[Any]:
    """Calls are held for three seconds, and the thread that watches ends before the test does."""
    settings.AGENT_HELD_CALLS, settings.AGENT_HOLD_SECONDS = 2, 3.0
    yield settings
    for thread in [thread for thread in threading.enumerate() if thread.name == "watch"]:
        thread.join(timeout=2)


@pytest.mark.django_db(transaction=True)
def test_held_call_is_answered_as_soon_as_there_is_a_new_state(
    held_calls: Any, joining: Newcomer
) -> None:
    def publish_later() -> None:
        state.bump()
        state.publish()
        connection.close()

    timer = threading.Timer(0.3, publish_later)
    began = time.monotonic()
    timer.start()

    answer = joining.sync(source="10.5.4.2").json()

    timer.join()
    assert answer["state"]
    assert 0.3 <= time.monotonic() - began < 1.5


@pytest.mark.django_db(transaction=True)
def test_held_call_without_news_ends_and_may_be_repeated_at_once(
    held_calls: Any, joining: Newcomer
) -> None:
    held_calls.AGENT_HOLD_SECONDS = 0.4
    began = time.monotonic()

    answer = joining.sync(source="10.5.4.2").json()

    assert (answer["state"], answer["wait"]) == (None, 0)
    assert 0.4 <= time.monotonic() - began < 1.5


@pytest.mark.django_db(transaction=True)
def test_joining_node_that_calls_beside_the_vpn_is_not_held(
    held_calls: Any, joining: Newcomer
) -> None:
    """Its next call may come through the VPN, and the join waits for that."""
    began = time.monotonic()

    answer = joining.sync(source="192.0.2.7").json()

    assert answer["wait"] < 1
    assert time.monotonic() - began < 1.5


@pytest.mark.django_db(transaction=True)
def test_call_over_the_budget_is_answered_at_once_with_a_time_to_wait(
    held_calls: Any, joining: Newcomer, local_agent: FakeAgent
) -> None:
    held_calls.AGENT_HELD_CALLS, held_calls.AGENT_HOLD_SECONDS = 1, 1.5

    def hold() -> None:
        joining.sync(source="10.5.4.2")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    time.sleep(0.5)

    answer = send_sync(local_agent, Client()).json()

    holder.join()
    assert answer["wait"] >= SHORTEST_WAIT


def refused_events() -> list[tuple[str, str, dict[str, Any]]]:
    found = AuditEvent.objects.filter(action=AuditAction.NODE_STATE_REFUSED).order_by("pk")
    return [(event.user, event.outcome, event.details) for event in found]


def test_state_that_a_node_refused_is_recorded_once(joining: Newcomer) -> None:
    refused = {"code": "wrong_signer", "detail": "Signed by somebody else.", "at": "12:00"}
    joining.sync(health={"refused_state": refused})
    joining.sync(health={"refused_state": {**refused, "at": "12:01"}})
    joining.sync(health={"refused_state": {**refused, "code": "foreign_cluster"}})

    detail = {"detail": "Signed by somebody else."}
    assert refused_events() == [
        (joining.fqdn, "denied", {"code": "wrong_signer", **detail}),
        (joining.fqdn, "denied", {"code": "foreign_cluster", **detail}),
    ]


@pytest.mark.parametrize("refused", [None, [], "x", 1])
def test_refusal_of_no_shape_is_none(joining: Newcomer, refused: object) -> None:
    assert joining.sync(health={"refused_state": refused}).status_code == 200
    assert refused_events() == []
