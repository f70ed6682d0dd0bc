"""An application is removed from its node, with or without what it has stored."""

from datetime import timedelta

from audit.actions import AuditAction
from audit.models import Outcome
from cluster import state
from cluster.models import Operation
from cluster.workflows import application_calls as calls
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, Workflow
from nodes.models import Application, Command

REMOVE = Command.Verb.REMOVE_APPLICATION


def remove(run: Run) -> None:
    """Have the node end it."""
    wanted = run.operation.parameters
    arguments = {name: wanted[name] for name in ("name", "revision", "wipe")}
    calls.answer_to(run, REMOVE, arguments)


def forget(run: Run) -> None:
    """The cluster does not want it any more."""
    found = calls.installed(run)
    if found is not None:
        Application.objects.filter(pk=found.pk).delete()
    state.bump()


def call_back(run: Run) -> None:
    """A node that has not heard of it shall not hear of it later."""
    calls.call_back(run, REMOVE)


def record_success(run: Run) -> None:
    calls.finish(run, AuditAction.APPLICATION_REMOVED, Outcome.OK)


def record_failure(run: Run) -> None:
    calls.finish(run, AuditAction.APPLICATION_REMOVAL_FAILED, Outcome.FAILED)


WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.REMOVE_APPLICATION,
        steps=(
            Step(
                "remove",
                act=remove,
                commit=forget,
                undo_act=call_back,
                deadline=timedelta(minutes=3),
            ),
        ),
        deadline=timedelta(minutes=5),
        on_succeeded=record_success,
        on_failed=record_failure,
    )
)
