"""Commands to nodes: remembered until they are answered, and recorded."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from audit.actor import Actor
from audit.models import AuditEvent
from nodes.agent.config import Config
from nodes.agent.daemon import Daemon
from nodes.models import Command, Node
from nodes.services.commands import acknowledge_command, list_open_commands, send_command
from tests.nodes.factories import make_node

pytestmark = pytest.mark.django_db


@pytest.fixture
def node() -> Node:
    return make_node(2)


def send(node: Node, **values: object) -> Command:
    return send_command(node, verb=Command.Verb.PROBE, arguments=values, actor=Actor.system())


def test_commands_are_listed_in_the_order_in_which_they_were_sent(node: Node) -> None:
    sent = [send(node, number=number) for number in range(3)]

    assert list_open_commands(node.pk, now=timezone.now()) == sent


def test_command_is_forgotten_an_hour_later(node: Node) -> None:
    send(node)

    assert list_open_commands(node.pk, now=timezone.now() + timedelta(minutes=61)) == []


def test_answered_command_is_not_listed(node: Node) -> None:
    command = send(node)

    acknowledge_command(node.pk, command_id=command.pk, ok=True, data={"a": 1})

    command.refresh_from_db()
    assert list_open_commands(node.pk, now=timezone.now()) == []
    assert command.result == {"ok": True, "data": {"a": 1}}


def test_another_nodes_answer_is_ignored(node: Node) -> None:
    command = send(node)

    acknowledge_command(3, command_id=command.pk, ok=True, data=None)

    assert list_open_commands(node.pk, now=timezone.now()) == [command]


def test_command_is_in_the_audit_trail(node: Node) -> None:
    """S44."""
    command = send(node)

    event = AuditEvent.objects.get(action="node.command.sent")
    assert (event.user, event.node) == ("system", 2)
    assert event.details == {"verb": "probe", "command": command.pk}


def test_agent_knows_every_verb(tmp_path: Path) -> None:
    """And no other: the list is closed on both sides."""
    variables = {"FLOTILLA_STATE_DIR": str(tmp_path), "FLOTILLA_FQDN": "node2.example.org"}
    daemon = Daemon(Config.from_environment(variables))

    assert set(daemon._verbs()) == set(Command.Verb.values)
