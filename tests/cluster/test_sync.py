"""Sync on the leader: what is noted, and what is answered."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.models import AuditEvent
from cluster import state
from cluster.models import Operation
from cluster.services.news import LONGEST_WAIT, SHORTEST_WAIT, pause
from nodes.models import Command, Contact, Node
from nodes.services.commands import send_command
from tests.cluster.factories import Newcomer, add_node, carry_on

pytestmark = pytest.mark.django_db


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
    joining.agent.receive(answer["state"])
    assert joining.agent.status()["generation"] == 3


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
