"""What the workflows about applications have in common: a command to the node, and its answer."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.models import Outcome
from cluster.applications import uploads
from cluster.applications.answer import read_answer
from cluster.applications.catalogue import secret_rules_of
from cluster.applications.standing import read_standing
from cluster.errors import NodeNotReachable
from cluster.models import ApplicationPolicy, InstalledApplication
from cluster.workflows.outcome import record_outcome
from cluster.workflows.steps import Run, StepFailed, Wait
from config.errors import DomainError
from nodes.models import Application, Command, Contact, Node
from nodes.services.commands import send_command

POLL = 0.5
"""Seconds between two looks; the node's answer wakes the operation earlier."""
SILENCE = timedelta(seconds=60)
"""After which a node that said nothing more is given up."""
PATIENCE = timedelta(seconds=30)
"""For a node that takes something back: then it does so by itself."""
LATEST = timedelta(days=30)
ADVICE = "Try again when it is online."


def answer_to(run: Run, verb: Command.Verb, arguments: Mapping[str, object]) -> dict[str, Any]:
    """What the node answers to a command, which is sent when it was not; ``arguments`` have the
    revision by which it is known again. Raises ``Wait`` and, for a refusal, ``StepFailed``.
    """
    command = find_command(run, verb, revision=arguments["revision"])
    if command is None:
        command = send_command(_member(run), verb=verb, arguments=arguments, actor=run.actor)
    if command.acknowledged_at is None:
        raise Wait(POLL, _what_it_does(run))
    try:
        return read_answer(command.result)
    except DomainError as refusal:
        raise StepFailed(refusal) from None


def have_installed(run: Run, *, wanted: str) -> None:
    """Have the node run, or hold ready, what the operation is about; note what it has fetched."""
    parameters = run.operation.parameters
    arguments = install_arguments(
        parameters["definition"],
        revision=parameters["revision"],
        wanted=wanted,
        sealed=run.secret["sealed"],
    ) | {"secret_rules": secret_rules_of(parameters["template"]), "parcel": _parcel(run)}
    answer = answer_to(run, Command.Verb.INSTALL_APPLICATION, arguments)
    run.data["image"] = _image(run, answer)


def _parcel(run: Run) -> dict[str, Any] | None:
    """What the node shall fetch from here; operations of an earlier release know of none."""
    upload: dict[str, Any] | None = run.operation.parameters.get("upload")
    return upload


def _image(run: Run, answer: Mapping[str, Any]) -> str:
    """What people know the image by: of one that was sent here the node says its number."""
    known = run.operation.parameters["definition"]["image"] if _parcel(run) else ""
    return known or str(answer.get("image", ""))[:300]


def install_arguments(
    definition: Mapping[str, object], *, revision: int, wanted: str, sealed: str = ""
) -> dict[str, object]:
    """Of the command, under the policy of this moment."""
    return {
        "definition": definition,
        "revision": revision,
        "wanted": wanted,
        "allowed": ApplicationPolicy.load().allowed,
        "sealed": sealed,
    }


def find_command(run: Run, verb: Command.Verb, *, revision: object) -> Command | None:
    """The one that was sent with this revision."""
    sent = Command.objects.filter(node_id=node_id(run), verb=verb, arguments__revision=revision)
    return sent.order_by("-pk").first()


def call_back(run: Run, verb: Command.Verb) -> bool:
    """Withdraw a command that the node has not answered; whether it may have done something.

    One that is not there any more was withdrawn by an earlier look.
    """
    command = find_command(run, verb, revision=run.operation.parameters["revision"])
    if command is None:
        return True
    Command.objects.filter(pk=command.pk, acknowledged_at=None).delete()
    return command.acknowledged_at is None or bool((command.result or {}).get("ok"))


def make_sure(run: Run, verb: Command.Verb, arguments: Mapping[str, object]) -> None:
    """Have the node take something back; one that does not answer does so when it is heard."""
    if not Node.objects.filter(pk=node_id(run), state=Node.State.ACTIVE).exists():
        return
    command = find_command(run, verb, revision=arguments["revision"])
    if command is None:
        command = send_command(_member(run), verb=verb, arguments=arguments, actor=run.actor)
        Command.objects.filter(pk=command.pk).update(expires_at=timezone.now() + LATEST)
    waited = timezone.now() - command.created_at
    if command.acknowledged_at is None and waited < PATIENCE:
        raise Wait(POLL, "Waiting for the node to take it back.")


def forget_commands(run: Run) -> None:
    """What was answered has sealed secrets in it, and nobody needs it any more."""
    about = Command.objects.filter(node_id=node_id(run), acknowledged_at__isnull=False)
    about.filter(arguments__revision=run.operation.parameters["revision"]).delete()


def installed(run: Run) -> InstalledApplication | None:
    """The definition, if there is one."""
    name = run.operation.parameters["name"]
    found = InstalledApplication.objects.select_related("application")
    return found.filter(application__node_id=node_id(run), application__name=name).first()


def labelled(definition: Mapping[str, str]) -> dict[str, str]:
    """What the node will report by its labels; of a role that nobody knows nothing."""
    role = definition["role"]
    known = role if role in Application.Role.values else Application.Role.NONE.value
    return {"role": known, "domain": definition["domain"]}


def node_id(run: Run) -> int:
    return int(run.operation.parameters["node_id"])


def finish(run: Run, action: AuditAction, outcome: Outcome) -> None:
    """The end of each of them: what was sent is forgotten, what happened is recorded."""
    forget_commands(run)
    upload, wanted = _parcel(run), run.operation.parameters
    if upload:
        transaction.on_commit(partial(uploads.forget_unwanted, upload["sha256"]))
    details = {name: wanted[name] for name in ("image", "template", "action") if wanted.get(name)}
    target = Application(node_id=node_id(run), name=wanted["name"]).audit_target
    record_outcome(run, action, outcome, target=target, details=details)


def _member(run: Run) -> Node:
    node = Node.objects.filter(pk=node_id(run), state=Node.State.ACTIVE).first()
    if node is None:
        raise StepFailed(NodeNotReachable(node=f"node{node_id(run)}", advice="It is no member."))
    return node


def _what_it_does(run: Run) -> str:
    """Raises StepFailed for a node that has not been heard of for a while."""
    contact = Contact.objects.get(node_id=node_id(run))
    last = contact.last_contact
    if last is None or timezone.now() - last > SILENCE:
        raise StepFailed(NodeNotReachable(node=f"node{node_id(run)}", advice=ADVICE))
    standing = read_standing(contact.health, run.operation.parameters["name"])
    return standing.doing or f"Waiting for node{node_id(run)}."
