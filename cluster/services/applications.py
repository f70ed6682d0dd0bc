"""Asking for applications: what may be installed, changed and removed where (S14, S19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster.applications import uploads
from cluster.applications.catalogue import fill_in, find_template
from cluster.applications.ports import check_ports
from cluster.applications.rendering import check_allowed, check_secrets, parse, render
from cluster.applications.revisions import next_revision
from cluster.applications.sealing import seal
from cluster.applications.uploads import Upload
from cluster.errors import ConfirmationMismatch, NodeNotReachable
from cluster.errors.applications import (
    ApplicationNameTaken,
    ApplicationNotManaged,
    ApplicationSecretMissing,
)
from cluster.models import ApplicationPolicy, InstalledApplication, Operation
from cluster.services.operations import open_operation
from nodes.agent.applications.definition import Definition
from nodes.agent.applications.secrets import LONGEST as LONGEST_SECRET
from nodes.models import Application, Node

OFFLINE = "Try again when it is online."
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application shall be; ``secrets`` are forgotten once they are sealed."""

    definition: Definition
    template: str = ""
    parameters: Json = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    upload: Upload | None = None
    """The archive with its image, if that was sent here."""


def wish_for_template(
    slug: str, *, name: str, parameters: Json, secrets: Mapping[str, str]
) -> Wish:
    """Raises TemplateNotFound, ParametersInvalid, ApplicationInvalid."""
    template = find_template(slug)
    filled = fill_in(template, parameters)
    check_secrets(template, secrets)
    definition = render(template, filled, name=name)
    return Wish(definition, template=slug, parameters=filled, secrets=secrets)


def wish_for_image(source: Json, *, secrets: Mapping[str, str], upload: str = "") -> Wish:
    """Freely, without the catalogue; raises ApplicationInvalid and ImageUploadNotFound."""
    names = sorted({*source.get("secrets", ()), *secrets})
    sent = uploads.find(upload) if upload else None
    image = {"image": source.get("image") or sent.image, "archive": ""} if sent else {}
    return Wish(parse(source | image | {"secrets": names}), secrets=secrets, upload=sent)


@transaction.atomic
def request_install(node: Node, *, actor: Actor, wish: Wish) -> Operation:
    """Accept an installation on a node that is online.

    Raises NodeNotReachable, ApplicationNameTaken, PortTaken, ApplicationSecretMissing, what the
    policy refuses, and OperationInProgress.
    """
    definition = wish.definition
    _check_online(node)
    check_allowed(definition, ApplicationPolicy.load().allowed)
    _check_name(node, definition.name)
    check_ports(node.pk, definition)
    _check_secrets(wish, known=())
    operation = _open(Operation.Kind.INSTALL_APPLICATION, node, actor=actor, wish=wish)
    _record(AuditAction.APPLICATION_INSTALL_REQUESTED, operation, node, actor=actor)
    return operation


@transaction.atomic
def request_change(installed: InstalledApplication, *, actor: Actor, wish: Wish) -> Operation:
    """Accept a new definition in the place of the present one; secrets that are not given stay.

    Raises as ``request_install``, but for the name.
    """
    node = installed.application.node
    _check_online(node)
    check_allowed(wish.definition, ApplicationPolicy.load().allowed)
    check_ports(node.pk, wish.definition)
    _check_secrets(wish, known=installed.definition["secrets"])
    operation = _open(
        Operation.Kind.CHANGE_APPLICATION,
        node,
        actor=actor,
        wish=wish,
        action="change",
        wanted=installed.wanted,
    )
    _record(AuditAction.APPLICATION_CHANGE_REQUESTED, operation, node, actor=actor)
    return operation


@transaction.atomic
def request_state(installed: InstalledApplication, *, actor: Actor, action: str) -> Operation:
    """Accept ``running``, ``stopped`` or ``restarted``; raises NodeNotReachable and
    OperationInProgress.
    """
    node = installed.application.node
    _check_online(node)
    stopped = InstalledApplication.Wanted.STOPPED
    operation = _open(
        Operation.Kind.CHANGE_APPLICATION,
        node,
        actor=actor,
        wish=wish_of(installed),
        action=action,
        wanted=stopped if action == stopped else InstalledApplication.Wanted.RUNNING,
    )
    _record(AuditAction.APPLICATION_CHANGE_REQUESTED, operation, node, actor=actor)
    return operation


@transaction.atomic
def request_uninstall(
    installed: InstalledApplication, *, actor: Actor, confirmation: str, wipe: bool = False
) -> Operation:
    """Accept the removal of an application; to ``wipe`` what it has stored, its name is typed.

    Raises ConfirmationMismatch, NodeNotReachable and OperationInProgress.
    """
    name, node = installed.application.name, installed.application.node
    if confirmation != name and (wipe or confirmation):
        raise ConfirmationMismatch(field="confirmation", expected=name)
    _check_online(node)
    wish = wish_of(installed)
    kind = Operation.Kind.REMOVE_APPLICATION
    operation = _open(kind, node, actor=actor, wish=wish, wipe=wipe)
    _record(AuditAction.APPLICATION_REMOVAL_REQUESTED, operation, node, actor=actor)
    return operation


def find_installed(application: Application) -> InstalledApplication:
    """The definition of one; raises ApplicationNotManaged."""
    if not application.managed:
        raise ApplicationNotManaged(name=application.name)
    return InstalledApplication.objects.select_related("application__node__contact").get(
        pk=application.pk
    )


def wish_of(installed: InstalledApplication) -> Wish:
    """What it is already."""
    definition = parse(installed.definition)
    return Wish(definition, template=installed.template, parameters=installed.parameters)


def _open(
    kind: Operation.Kind, node: Node, *, actor: Actor, wish: Wish, **more: object
) -> Operation:
    definition = wish.definition.to_json()
    parameters = {
        "node_id": node.pk,
        "fqdn": node.fqdn,
        "name": wish.definition.name,
        "image": wish.definition.image,
        "template": wish.template,
        "parameters": wish.parameters,
        "definition": definition,
        "revision": next_revision(),
        "upload": wish.upload and {"sha256": wish.upload.sha256, "size": wish.upload.size},
        **more,
    }
    return open_operation(
        kind,
        actor=actor,
        parameters=parameters,
        node=node,
        subject=f"node{node.pk}/{wish.definition.name}",
        secret={"sealed": seal(wish.secrets, node=node)},
    )


def _record(action: AuditAction, operation: Operation, node: Node, *, actor: Actor) -> None:
    wanted = operation.parameters
    told = ("image", "template", "action", "wipe", "wanted")
    details = {name: wanted[name] for name in told if wanted.get(name)}
    target = Application(node=node, name=wanted["name"]).audit_target
    record(action, actor=actor, target=target, operation=operation.pk, details=details)


def _check_online(node: Node) -> None:
    if node.status != Node.Status.ONLINE:
        raise NodeNotReachable(field="node", node=node, advice=OFFLINE)


def _check_name(node: Node, name: str) -> None:
    engine = Application.Engine.CONTAINER
    if Application.objects.filter(node=node, engine=engine, name=name).exists():
        detail = f"node{node.pk} has a container {name} already. Choose another name."
        raise ApplicationNameTaken(field="name", detail=detail)


def _check_secrets(wish: Wish, *, known: object) -> None:
    kept = set(known) if isinstance(known, list | tuple) else set()
    missing = set(wish.definition.secrets) - set(wish.secrets) - kept
    strange = set(wish.secrets) - set(wish.definition.secrets)
    if missing:
        detail = f"The secret {min(missing)} is missing."
        raise ApplicationSecretMissing(field="secrets", detail=detail)
    if strange:
        detail = f"It has no secret {min(strange)}."
        raise ApplicationSecretMissing(field="secrets", detail=detail)
    empty = [n for n, value in wish.secrets.items() if not 1 <= len(value) <= LONGEST_SECRET]
    if empty:
        detail = f"{min(empty)} has 1 to {LONGEST_SECRET} characters."
        raise ApplicationSecretMissing(field="secrets", detail=detail)
