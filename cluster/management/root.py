"""What the cluster's commands have in common: talking, and waiting."""

import sys
import time
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from accounts.management.root import LeaderCommand
from cluster import claims
from cluster.errors import ClusterNotCreated, NotLeader
from cluster.models import Operation
from cluster.tasks import carried_here
from cluster.workflows import engine
from nodes import role

LOOK_EVERY = 0.2
GRACE = timedelta(seconds=1)
"""How long an operation may be due before this command carries it forward itself."""


class ClusterCommand(LeaderCommand):
    """Talks with whoever runs it, and waits for what it has begun."""

    def say(self, *lines: str) -> None:
        """To a person, on standard error, so that standard output is the answer alone."""
        for line in lines:
            self.stderr.write(line, style_func=str)

    def ask(self, expected: str) -> str:
        """What was typed in answer; nothing where there is nobody to ask."""
        self.stderr.write(f"Type {expected} to confirm: ", style_func=str, ending="")
        return sys.stdin.readline().strip()

    def follow(self, operation: Operation) -> None:
        """Wait for the operation's end, saying how it goes; raises CommandError if it failed.

        With Celery down nobody else carries it forward: then this process does, under the same
        lease, so that it does not matter who comes first; and only what this node may carry now.
        """
        said = ""
        while operation.is_open:
            if _is_left_alone(operation) and carried_here().filter(pk=operation.pk).exists():
                engine.advance(operation.pk)
            said = self._say_progress(operation, said)
            time.sleep(LOOK_EVERY)
            operation.refresh_from_db()
        if operation.state != Operation.State.SUCCEEDED:
            self._fail(operation)

    def _say_progress(self, operation: Operation, said: str) -> str:
        step = operation.steps.filter(state="running").first()
        line = f"{step.name}: {step.detail or 'in progress'}" if step else said
        if line != said:
            self.say(line)
        return line

    def _fail(self, operation: Operation) -> None:
        code, detail = operation.error_code or operation.state, operation.error_detail
        if self.speaks_json:
            self.answer(describe(operation), text="")
        raise CommandError(f"{detail or 'It was cancelled.'} ({code})")


def check_leads() -> None:
    """A removed machine may hold what it led once; raises ``ClusterNotCreated``, ``NotLeader``."""
    present = role.current()
    if present.role == role.Role.UNINITIALISED:
        raise ClusterNotCreated
    if not present.is_leader:
        raise NotLeader(where=f"It is {present.role}.")


def check_may_change() -> None:
    """The same, and raises ``LeadershipContested`` on a leader in doubt."""
    check_leads()
    claims.check_uncontested(role.current())


def describe(operation: Operation) -> dict[str, Any]:
    """The operation, as ``--json`` answers it."""
    error = {"code": operation.error_code, "detail": operation.error_detail}
    return {
        "operation": {
            "id": str(operation.pk),
            "kind": operation.kind,
            "state": operation.state,
            "error": error if operation.error_code else None,
        }
    }


def _is_left_alone(operation: Operation) -> bool:
    now = timezone.now()
    is_held = operation.lease_until is not None and operation.lease_until > now
    return operation.due_at + GRACE < now and not is_held
