"""The leader's checkpoints of the audit trail go to every worker, and what they answer is heard."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audit import alarm, checkpoints, testimony
from audit.models import Checkpoint, WitnessStatement
from audit.surroundings import custodian
from nodes import role
from nodes.models import Command, Node
from nodes.services.commands import send_questions

ALL_AFTER = timedelta(hours=1)
"""So often a worker says everything that it remembers; else only the newest."""


def keep() -> None:
    """Every few seconds: hear what was answered, and make and send the next checkpoint."""
    if not role.current().is_leader:
        return
    heard, is_due = hear(), checkpoints.is_due()
    made = checkpoints.make() if is_due else None
    if is_due:
        testimony.note_own()
    if made is not None:
        entrust(made)
    if heard or is_due:
        alarm.sound(testimony.find_contradiction())


def entrust(made: Checkpoint | None, *, everything: bool = False) -> dict[int, int]:
    """Send a checkpoint, or only the question what they remember; the command of each node."""
    workers = list(Node.objects.filter(state=Node.State.ACTIVE, role=Node.Role.WORKER))
    testimony.keep_only(node.pk for node in workers)
    recent = _asked_lately()
    arguments = {
        node.pk: {
            "jws": made.jws if made else "",
            "trail": custodian().trail,
            "full": everything or node.pk not in recent,
        }
        for node in workers
    }
    return send_questions(arguments, verb=Command.Verb.WITNESS)


def hear() -> int:
    """Note what nodes have answered and nobody has noted yet; returns how many did."""
    heard = dict(WitnessStatement.objects.values_list("witness", "heard_at"))
    answered = Command.objects.filter(verb=Command.Verb.WITNESS, result__ok=True)
    new = [c for c in answered.select_related("node") if _is_new(c, heard.get(c.node_id))]
    for command in new:
        _note(command)
    return len(new)


def _is_new(command: Command, heard_at: datetime | None) -> bool:
    at = command.acknowledged_at
    return at is not None and (heard_at is None or at > heard_at)


def _note(command: Command) -> None:
    said = (command.result or {}).get("data")
    testimony.note(
        command.node_id,
        label=str(command.node),
        told=custodian().read_checkpoints(_texts(said)),
        everything=bool(command.arguments.get("full")),
        refusal=_refusal(said) if command.arguments.get("jws") else None,
        heard_at=command.acknowledged_at,
    )


def _texts(said: Any) -> list[str]:
    """Whatever else a node answers, it is no checkpoint."""
    told = said.get("checkpoints") if isinstance(said, dict) else None
    return [each for each in told if isinstance(each, str)] if isinstance(told, list) else []


def _refusal(said: Any) -> str:
    refused = said.get("refused") if isinstance(said, dict) else None
    return str(refused.get("detail", ""))[:500] if isinstance(refused, dict) else ""


def _asked_lately() -> frozenset[int]:
    since = timezone.now() - ALL_AFTER
    asked = WitnessStatement.objects.filter(asked_all_at__gt=since)
    return frozenset(asked.values_list("witness", flat=True))
