"""Crashing at each boundary of a workflow's steps, and going on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils import timezone

from cluster.models import Operation
from cluster.workflows import engine
from cluster.workflows.failpoints import SimulatedCrash
from tests.cluster.factories import carry_on

FORWARDS = ("before", "act", "after")
BACK = ("undo.before", "undo.act", "undo.after")


def boundaries(workflow: engine.Workflow, places: tuple[str, ...]) -> list[str]:
    return [f"{workflow.kind}.{step.name}.{place}" for step in workflow.steps for place in places]


def set_failpoint(settings: Any, name: str) -> None:
    Path(settings.FAILPOINTS).write_text(f"{name}:raise")


def survive(operation: Operation, settings: Any, *, between: Callable[[], object]) -> bool:
    """Carry the operation to its end across one crash, which frees the lease; did it happen?"""
    crashed = False
    for _ in range(6):
        try:
            carry_on(operation)
        except SimulatedCrash:
            crashed = True
            held = Operation.objects.filter(pk=operation.pk, lease__isnull=False)
            held.update(lease_until=timezone.now())
        between()
    Path(settings.FAILPOINTS).unlink(missing_ok=True)
    operation.refresh_from_db()
    return crashed
