"""Operations: how clusters begin, who leads them, and what becomes of what was begun."""

from typing import Any

from audit.actions import AuditAction as A
from audit.actor import Interface
from cluster.models import Operation
from cluster.services.joining import request_join
from cluster.services.operations import open_operation
from tests.audit.registry.nodes import ALICE
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import World
from tests.cluster.factories import ADMIN, carry_on, create_cluster, request_cluster

CREATE = {
    "label": "Fleet",
    "vpn_network": "10.5.4.0/24",
    "endpoint": "node1.example.org:55820",
    "max_nodes": 4,
}
ENDED = "code detail"
ASKED = "endpoint label max_nodes recovery_key uuid vpn_network"
JOIN = "fqdn join_code urls"
JOINED = "code detail fqdn node_id tls_verify warnings"


def creation(details: str, *, outcome: str = "ok") -> Expected:
    operation = Operation.objects.get(kind="create")
    target = ("cluster", operation.parameters["uuid"])
    return Expected(target, details, operation=operation.pk, outcome=outcome)


@row(A.CLUSTER_CREATION_REQUESTED, "create/ post")
def ask_for_cluster(world: World) -> Expected:
    world.use("local_agent")
    world.page("/create/", **CREATE)
    return creation(ASKED)


@row(A.CLUSTER_CREATION_REQUESTED, "api/v1/cluster/create/ post")
def ask_for_cluster_by_api(world: World) -> Expected:
    world.use("local_agent")
    world.api("post", "cluster/create/", CREATE)
    return creation(ASKED)


@row(A.CLUSTER_CREATION_REQUESTED, "command create_cluster")
def ask_for_cluster_by_command(world: World) -> Expected:
    world.use("local_agent")
    endpoint = ("--endpoint", CREATE["endpoint"])
    world.command("create_cluster", "--label", "Fleet", *map(str, endpoint), "--no-wait")
    return creation(ASKED)


@row(A.CLUSTER_CREATED, "system cluster.tasks.advance", interface=Interface.API)
def create(world: World) -> Expected:
    world.use("local_agent")
    create_cluster()
    return by(creation(ENDED), **ALICE)


@row(A.CLUSTER_CREATION_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_create(world: World) -> Expected:
    world.use("local_agent")
    operation, _ = request_cluster()
    Operation.objects.update(deadline=operation.created_at)
    carry_on(operation, times=3)
    return by(creation(ENDED, outcome="failed"), **ALICE)


def enrolment(world: World, details: str, *, outcome: str = "ok") -> Expected:
    operation = Operation.objects.get(kind="enrol").pk
    target = ("cluster", world.use("leader").uuid)
    return Expected(target, details, operation=operation, outcome=outcome)


def typed_code(world: World) -> dict[str, Any]:
    return {"code": world.use("leader").code(), "fqdn": "node2.example.org"}


@row(A.CLUSTER_JOIN_REQUESTED, "join/ post")
def ask_to_join(world: World) -> Expected:
    world.page("/join/", **typed_code(world), tls_verify="on")
    return enrolment(world, JOIN)


@row(A.CLUSTER_JOIN_REQUESTED, "api/v1/cluster/join/ post")
def ask_to_join_by_api(world: World) -> Expected:
    world.api("post", "cluster/join/", typed_code(world))
    return enrolment(world, JOIN)


@row(A.CLUSTER_JOIN_REQUESTED, "command join_cluster")
def ask_to_join_by_command(world: World) -> Expected:
    given = typed_code(world)
    world.use("impatient")
    world.failing_command("join_cluster", "--fqdn", given["fqdn"], stdin=given["code"])
    return enrolment(world, JOIN)


@row(A.TLS_VALIDATION_DISABLED, "join/ post")
def ask_to_join_without_validation(world: World) -> Expected:
    world.page("/join/", **typed_code(world))
    return enrolment(world, JOIN)


@row(A.TLS_VALIDATION_DISABLED, "api/v1/cluster/join/ post")
def ask_to_join_without_validation_by_api(world: World) -> Expected:
    world.api("post", "cluster/join/", typed_code(world) | {"tls_verify": False})
    return enrolment(world, JOIN)


@row(A.TLS_VALIDATION_DISABLED, "command join_cluster")
def ask_to_join_without_validation_by_command(world: World) -> Expected:
    given = typed_code(world)
    world.use("impatient")
    options = ("--fqdn", given["fqdn"], "--no-tls-verify")
    world.failing_command("join_cluster", *options, stdin=given["code"])
    return enrolment(world, JOIN)


def begun_enrolment(world: World) -> Operation:

    return carry_on(request_join(actor=ADMIN, **typed_code(world)))


@row(A.CLUSTER_JOINED, "system cluster.tasks.advance", interface=Interface.API)
def join(world: World) -> Expected:
    operation = begun_enrolment(world)
    world.use("local_agent").receive(world.use("leader").activate())
    carry_on(operation)
    return by(enrolment(world, JOINED), **ALICE)


@row(A.CLUSTER_JOIN_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_join(world: World) -> Expected:
    operation = begun_enrolment(world)
    Operation.objects.update(deadline=operation.created_at)
    carry_on(operation, times=3)
    return by(enrolment(world, JOINED, outcome="failed"), **ALICE)


def open_create() -> Operation:
    return open_operation(Operation.Kind.CREATE, actor=ADMIN, parameters={"label": "Fleet"})


@row(A.OPERATION_CANCELLED, "operations/<uuid:operation_id>/cancel/ post")
def cancel(world: World) -> Expected:
    pk = open_create().pk
    world.page(f"/operations/{pk}/cancel/")
    return Expected(("operation", str(pk)), operation=pk)


@row(A.OPERATION_CANCELLED, "api/v1/^operations/(?P<pk>[^/.]+)/cancel/$ post")
def cancel_by_api(world: World) -> Expected:
    pk = open_create().pk
    world.api("post", f"operations/{pk}/cancel/")
    return Expected(("operation", str(pk)), operation=pk)


def failed_creation(world: World) -> Operation:
    world.use("local_agent")
    operation = request_cluster()[0]
    Operation.objects.update(deadline=operation.created_at)
    return carry_on(operation, times=3)


@row(A.OPERATION_RETRIED, "operations/<uuid:operation_id>/retry/ post")
def retry(world: World) -> Expected:
    failed = failed_creation(world)
    world.page(f"/operations/{failed.pk}/retry/")
    again = Operation.objects.open().get().pk
    return Expected(("operation", str(failed.pk)), "again_as", operation=again)


@row(A.OPERATION_RETRIED, "api/v1/^operations/(?P<pk>[^/.]+)/retry/$ post")
def retry_by_api(world: World) -> Expected:
    failed = failed_creation(world)
    world.api("post", f"operations/{failed.pk}/retry/")
    again = Operation.objects.open().get().pk
    return Expected(("operation", str(failed.pk)), "again_as", operation=again)
