"""An application is changed, started, stopped or restarted; or it is as it was before."""

from datetime import timedelta

from audit.actions import AuditAction
from audit.models import Outcome
from cluster import state
from cluster.applications.revisions import next_revision
from cluster.models import InstalledApplication, Operation
from cluster.workflows import application_calls as calls
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, Workflow
from nodes.models import Application, Command

CHANGE = "change"
INSTALL, SET_STATE = Command.Verb.INSTALL_APPLICATION, Command.Verb.SET_APPLICATION_STATE


def change(run: Run) -> None:
    """Have the node do it; a change that does not become healthy is undone there."""
    wanted = run.operation.parameters
    if wanted["action"] == CHANGE:
        calls.have_installed(run, wanted=wanted["wanted"])
        return
    known = {name: wanted[name] for name in ("name", "revision")}
    calls.answer_to(run, SET_STATE, known | {"state": wanted["action"]})


def keep(run: Run) -> None:
    """What the node runs now is what the cluster wants."""
    wanted, found = run.operation.parameters, calls.installed(run)
    if found is None:
        return
    definition = wanted["definition"]
    InstalledApplication.objects.filter(pk=found.pk).update(
        definition=definition,
        template=wanted["template"],
        parameters=wanted["parameters"],
        wanted=wanted["wanted"],
        revision=wanted["revision"],
    )
    is_running = wanted["wanted"] == InstalledApplication.Wanted.RUNNING
    Application.objects.filter(pk=found.pk).update(
        state="running" if is_running else "stopped",
        image=run.data.get("image") or found.application.image,
        **calls.labelled(definition),
    )
    state.bump()


def go_back(run: Run) -> None:
    """The node shall run again what it ran before, though it may have changed already."""
    wanted, found = run.operation.parameters, calls.installed(run)
    verb = INSTALL if wanted["action"] == CHANGE else SET_STATE
    if not calls.call_back(run, verb) or found is None:
        return
    if "back" not in run.data:
        run.data["back"] = next_revision()
    before = calls.install_arguments(
        found.definition, revision=run.data["back"], wanted=found.wanted
    )
    calls.make_sure(run, INSTALL, before)


def record_success(run: Run) -> None:
    calls.finish(run, AuditAction.APPLICATION_CHANGED, Outcome.OK)


def record_failure(run: Run) -> None:
    calls.finish(run, AuditAction.APPLICATION_CHANGE_FAILED, Outcome.FAILED)


WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.CHANGE_APPLICATION,
        steps=(
            Step(
                "change",
                act=change,
                commit=keep,
                undo_act=go_back,
                deadline=timedelta(minutes=40),
            ),
        ),
        deadline=timedelta(minutes=45),
        on_succeeded=record_success,
        on_failed=record_failure,
    )
)
