"""Installing, changing and removing applications, and what they may have."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from audit.actions import AuditAction as A
from audit.actor import Interface
from cluster.models import Operation
from cluster.services.applications import request_state, request_uninstall
from tests.audit.registry.nodes import ALICE, worker
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import World
from tests.cluster.archives import digest_of, docker_archive
from tests.cluster.factories import ADMIN, carry_on
from tests.cluster.installing import IMAGE, answer, ask_install, installed

WEB = ("application", "2/web")
TEMPLATE = {"node": 2, "name": "web", "port": 8081, "greeting": "hi"}
ENDED = "code detail image"


def running(world: World) -> str:
    """An application; its place in the API."""
    worker(world)
    return f"applications/{installed().pk}/"


def asked(details: str = "image", *, outcome: str = "ok") -> Expected:
    """The newest operation's event."""
    operation = Operation.objects.latest("created_at").pk
    return Expected(WEB, details, operation=operation, outcome=outcome)


def ended(operation: Operation, *, ok: bool, verb: str, details: str = ENDED) -> Expected:
    """The node has answered."""
    carry_on(operation)
    answer(verb, ok=ok, **({} if ok else {"code": "image_not_found", "detail": "Not here."}))
    carry_on(operation, times=3)
    return by(asked(details, outcome="ok" if ok else "failed"), **ALICE)


@row(A.APPLICATION_INSTALL_REQUESTED, "applications/image/ post")
def install_image(world: World) -> Expected:
    worker(world)
    typed = {"node": 2, "name": "web", "image": IMAGE, "health": "none"}
    world.page("/applications/image/", **typed)
    return asked()


@row(A.APPLICATION_INSTALL_REQUESTED, "applications/install/<slug:slug>/ post")
def install_template(world: World) -> Expected:
    worker(world)
    world.page("/applications/install/whoami/", **TEMPLATE)
    return asked("image template")


@row(A.APPLICATION_INSTALL_REQUESTED, "api/v1/^applications/$ post")
def install_by_api(world: World) -> Expected:
    worker(world)
    world.api("post", "applications/", {"node": 2, "name": "web", "image": IMAGE})
    return asked()


def by_api_cli(world: World, action: str, **data: Any) -> None:
    """Ended, since the node does not answer; it was asked for."""
    world.use("impatient")
    world.failing_command("api_cli", "run", action, "--data", json.dumps(data))


@row(A.APPLICATION_INSTALL_REQUESTED, "api-cli install-application")
def install_by_api_cli(world: World) -> Expected:
    worker(world)
    by_api_cli(world, "install-application", node=2, name="web", image=IMAGE)
    return asked()


def sent(sha256: str) -> Expected:
    """What the archive is known by."""
    return Expected(("image", sha256), "image size")


@row(A.IMAGE_UPLOADED, "applications/upload/ post")
def send_archive(world: World) -> Expected:
    archive = docker_archive()
    world.page("/applications/upload/", file=SimpleUploadedFile("site.tar", archive))
    return sent(digest_of(archive))


@row(A.IMAGE_UPLOADED, "api/v1/application-images/ post")
def send_archive_by_api(world: World) -> Expected:
    archive = docker_archive()
    answer = world.send("application-images/", archive)
    return sent(answer.json()["sha256"])


@row(A.APPLICATION_INSTALLED, "system cluster.tasks.advance", interface=Interface.API)
def install(world: World) -> Expected:
    worker(world)
    return ended(ask_install(), ok=True, verb="install_application")


@row(A.APPLICATION_INSTALL_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_install(world: World) -> Expected:
    worker(world)
    return ended(ask_install(), ok=False, verb="install_application")


@row(A.APPLICATION_CHANGE_REQUESTED, "applications/<int:node_id>/<slug:name>/change/ post")
def change(world: World) -> Expected:
    running(world)
    world.page("/applications/2/web/change/", image="localhost/site:2", health="none")
    return asked("action image wanted")


@row(A.APPLICATION_CHANGE_REQUESTED, "applications/<int:node_id>/<slug:name>/state/ post")
def stop(world: World) -> Expected:
    running(world)
    world.page("/applications/2/web/state/", state="stopped")
    return asked("action image wanted")


@row(A.APPLICATION_CHANGE_REQUESTED, "api/v1/^applications/(?P<pk>\\d{1,18})/$ patch")
def stop_by_api(world: World) -> Expected:
    world.api("patch", running(world), {"state": "stopped"})
    return asked("action image wanted")


@row(A.APPLICATION_CHANGE_REQUESTED, "api-cli change-application")
def stop_by_api_cli(world: World) -> Expected:
    worker(world)
    by_api_cli(world, "change-application", application=installed().pk, state="stopped")
    return asked("action image wanted")


def asked_to_stop(world: World) -> Operation:
    worker(world)
    return request_state(installed(), actor=ADMIN, action="stopped")


@row(A.APPLICATION_CHANGED, "system cluster.tasks.advance", interface=Interface.API)
def carry_change_out(world: World) -> Expected:
    stopping = asked_to_stop(world)
    return ended(stopping, ok=True, verb="set_application_state", details=f"action {ENDED}")


@row(A.APPLICATION_CHANGE_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_change(world: World) -> Expected:
    stopping = asked_to_stop(world)
    return ended(stopping, ok=False, verb="set_application_state", details=f"action {ENDED}")


@row(A.APPLICATION_REMOVAL_REQUESTED, "applications/<int:node_id>/<slug:name>/remove/ post")
def remove(world: World) -> Expected:
    running(world)
    world.page("/applications/2/web/remove/", confirmation="web", wipe="on")
    return asked("image wipe")


@row(A.APPLICATION_REMOVAL_REQUESTED, "api/v1/^applications/(?P<pk>\\d{1,18})/$ delete")
def remove_by_api(world: World) -> Expected:
    world.api("delete", running(world))
    return asked()


@row(A.APPLICATION_REMOVAL_REQUESTED, "api-cli remove-application")
def remove_by_api_cli(world: World) -> Expected:
    worker(world)
    by_api_cli(world, "remove-application", application=installed().pk)
    return asked()


def asked_to_go(world: World) -> Operation:
    worker(world)
    return request_uninstall(installed(), actor=ADMIN, confirmation="web")


@row(A.APPLICATION_REMOVED, "system cluster.tasks.advance", interface=Interface.API)
def carry_removal_out(world: World) -> Expected:
    return ended(asked_to_go(world), ok=True, verb="remove_application")


@row(A.APPLICATION_REMOVAL_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_remove(world: World) -> Expected:
    return ended(asked_to_go(world), ok=False, verb="remove_application")


def rule(world: World) -> tuple[str, str]:
    return ("cluster", str(world.use("cluster").uuid))


@row(A.APPLICATION_POLICY_CHANGED, "settings/applications/ post")
def allow(world: World) -> Expected:
    target = rule(world)
    world.page("/settings/applications/", host_network="on")
    return Expected(target, "host_network")


@row(A.APPLICATION_POLICY_CHANGED, "api/v1/application-policy/ patch")
def allow_by_api(world: World) -> Expected:
    target = rule(world)
    world.api("patch", "application-policy/", {"privileged": True})
    return Expected(target, "privileged")
