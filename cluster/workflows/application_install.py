"""An application is installed on a node: it runs there and is healthy, or nothing of it is left."""

from datetime import timedelta

from audit.actions import AuditAction
from audit.models import Outcome
from cluster import state
from cluster.applications.ports import check_ports
from cluster.applications.rendering import parse
from cluster.errors.applications import ApplicationNameTaken
from cluster.models import InstalledApplication, Operation
from cluster.workflows import application_calls as calls
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, Workflow
from nodes.models import Application, Command
from nodes.models.application import ABSENT

INSTALL, REMOVE = Command.Verb.INSTALL_APPLICATION, Command.Verb.REMOVE_APPLICATION


def reserve(run: Run) -> None:
    """From here on the cluster wants it, and its name and its ports are taken: by the first of
    several that were asked for at the same time.
    """
    wanted = run.operation.parameters
    definition = wanted["definition"]
    place = {"node_id": calls.node_id(run), "engine": Application.Engine.CONTAINER}
    if Application.objects.filter(**place, name=wanted["name"]).exists():
        detail = f"node{calls.node_id(run)} has a container of this name already."
        raise ApplicationNameTaken(field="name", detail=detail)
    check_ports(calls.node_id(run), parse(definition))
    application = Application.objects.create(
        **place,
        name=wanted["name"],
        image=definition["image"],
        state=ABSENT,
        **calls.labelled(definition),
        managed=True,
    )
    InstalledApplication.objects.create(
        application=application,
        template=wanted["template"],
        parameters=wanted["parameters"],
        definition=definition,
        revision=wanted["revision"],
    )
    state.bump()


def release(run: Run) -> None:
    """The name is free again."""
    managed = Application.objects.filter(node_id=calls.node_id(run), managed=True)
    managed.filter(name=run.operation.parameters["name"]).delete()
    state.bump()


def install(run: Run) -> None:
    """Have the node fetch, start and watch it until it is healthy."""
    calls.have_installed(run, wanted=InstalledApplication.Wanted.RUNNING)


def note_running(run: Run) -> None:
    """Until the node's next list says the same."""
    found = calls.installed(run)
    if found is not None:
        image = run.data["image"] or found.application.image
        Application.objects.filter(pk=found.pk).update(state="running", image=image)


def take_back(run: Run) -> None:
    """Nothing half-installed remains, also where the node hears of it only later."""
    wanted = run.operation.parameters
    if calls.call_back(run, INSTALL):
        arguments = {"name": wanted["name"], "revision": wanted["revision"], "wipe": False}
        calls.make_sure(run, REMOVE, arguments)


def record_success(run: Run) -> None:
    calls.finish(run, AuditAction.APPLICATION_INSTALLED, Outcome.OK)


def record_failure(run: Run) -> None:
    calls.finish(run, AuditAction.APPLICATION_INSTALL_FAILED, Outcome.FAILED)


STEPS = (
    Step("reserve", commit=reserve, undo_commit=release),
    Step(
        "install",
        act=install,
        commit=note_running,
        undo_act=take_back,
        deadline=timedelta(minutes=40),
    ),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.INSTALL_APPLICATION,
        steps=STEPS,
        deadline=timedelta(minutes=45),
        on_succeeded=record_success,
        on_failed=record_failure,
    )
)
