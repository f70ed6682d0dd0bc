"""Commands to nodes: a closed list of typed verbs, each safe to repeat."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from nodes.models import Command, Node

LIFETIME = timedelta(hours=1)
PROBE_LIFETIME = timedelta(seconds=20)
"""Nobody waits longer for the answer to a question."""
QUESTION_LIFETIME = timedelta(minutes=1)
"""Of what every node is asked again and again."""


@transaction.atomic
def send_command(
    node: Node, *, verb: Command.Verb, arguments: Mapping[str, object], actor: Actor
) -> Command:
    """Remember a command until the node acknowledges it, or an hour has passed."""
    command = Command.objects.create(
        node=node, verb=verb, arguments=dict(arguments), expires_at=timezone.now() + LIFETIME
    )
    details = {"verb": str(verb), "command": command.pk}
    record(AuditAction.NODE_COMMAND_SENT, actor=actor, target=node.audit_target, details=details)
    return command


@transaction.atomic
def send_probe(node: Node, *, arguments: Mapping[str, object]) -> Command:
    """Ask a node what it sees of others: nothing changes, so nobody is named and nothing recorded.

    Questions that nobody waits for any more are forgotten.
    """
    outdated = timezone.now() - LIFETIME
    Command.objects.filter(verb=Command.Verb.PROBE, expires_at__lt=outdated).delete()
    return send_question(
        node, verb=Command.Verb.PROBE, arguments=arguments, lifetime=PROBE_LIFETIME
    )


@transaction.atomic
def send_questions(
    arguments: Mapping[int, Mapping[str, Any]], *, verb: Command.Verb
) -> dict[int, int]:
    """Ask several nodes the same kind of thing, and none that has not answered the last one twice;
    the command of each node.

    Nothing changes, so nobody is named and nothing recorded.
    """
    now = timezone.now()
    Command.objects.filter(verb=verb, expires_at__lt=now - QUESTION_LIFETIME).delete()
    Command.objects.filter(verb=verb, node__in=arguments, acknowledged_at=None).delete()
    made = Command.objects.bulk_create(
        Command(
            node_id=node_id, verb=verb, arguments=dict(each), expires_at=now + QUESTION_LIFETIME
        )
        for node_id, each in arguments.items()
    )
    return {command.node_id: command.pk for command in made}


def send_question(
    node: Node, *, verb: Command.Verb, arguments: Mapping[str, object], lifetime: timedelta
) -> Command:
    """Ask a node something that changes nothing there: nobody is named and nothing recorded."""
    expires_at = timezone.now() + lifetime
    return Command.objects.create(
        node=node, verb=verb, arguments=dict(arguments), expires_at=expires_at
    )


def forget_questions(*, now: datetime) -> None:
    """Those whose asker went away before it could: a sealed password lies in some."""
    asked = Command.objects.filter(verb__in=Command.QUESTIONS)
    asked.filter(expires_at__lt=now - QUESTION_LIFETIME).delete()


def list_open_commands(node_id: int, *, now: datetime) -> list[Command]:
    """What a node has yet to acknowledge, oldest first."""
    return list(Command.objects.filter(node_id=node_id, acknowledged_at=None, expires_at__gt=now))


def acknowledge_command(node_id: int, *, command_id: int, ok: bool, data: Any) -> None:
    """Keep a node's first answer to a command of its own; anything else is ignored."""
    Command.objects.filter(pk=command_id, node_id=node_id, acknowledged_at=None).update(
        acknowledged_at=timezone.now(), result={"ok": ok, "data": data}
    )
