"""What an application wrote last, and what it uses: asked of its node while somebody waits."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cluster.applications.answer import read_answer
from cluster.errors.applications import LogsUnavailable
from cluster.models import InstalledApplication
from cluster.services.answers import await_answers
from nodes.models import Command, Node
from nodes.services.commands import send_question

PATIENCE = 3.0
MOST_LINES, LONGEST_LINE = 500, 4096
FIGURES = ("memory", "cpu_ms", "disk")


@dataclass(frozen=True, slots=True)
class Logs:
    """The last lines, oldest first, and figures that the node could read."""

    lines: list[str] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=dict)


def read_logs(installed: InstalledApplication, *, lines: int) -> Logs:
    """Raises LogsUnavailable, and what the node refuses."""
    application = installed.application
    if application.node.status != Node.Status.ONLINE:
        raise LogsUnavailable(node=application.node_id)
    command = send_question(
        application.node,
        verb=Command.Verb.READ_APPLICATION_LOGS,
        arguments={"name": application.name, "lines": min(lines, MOST_LINES)},
        lifetime=timedelta(seconds=2 * PATIENCE),
    )
    await_answers([command.pk], patience=PATIENCE)
    command.refresh_from_db()
    command.delete()
    if command.acknowledged_at is None:
        raise LogsUnavailable(node=application.node_id)
    return _read(read_answer(command.result))


def _read(told: dict[str, Any]) -> Logs:
    lines, usage = told.get("lines"), told.get("usage")
    listed = lines if isinstance(lines, list) else []
    figures = usage if isinstance(usage, dict) else {}
    known = {name: figures[name] for name in FIGURES if isinstance(figures.get(name), int)}
    return Logs([_harmless(line) for line in listed[-MOST_LINES:]], known)


def _harmless(line: object) -> str:
    """One line whatever the node sent."""
    text = str(line)[:LONGEST_LINE]
    return "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in text)
