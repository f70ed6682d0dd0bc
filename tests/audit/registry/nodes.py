"""What is done with nodes, join codes and the cluster's settings."""

from typing import Any

from audit.actions import AuditAction as A
from audit.actor import Actor, Interface
from cluster import follow_ups
from cluster.models import FollowUp, JoinCode, Operation
from cluster.services.removal import preview_removal
from nodes.models import Command, Contact, Node
from nodes.services.commands import send_command
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import World
from tests.cluster.factories import add_node, carry_on, hear_from, make_code
from tests.cluster.removals import ask_removal

NODE = ("node", "2")
JOIN = "join_code join_code_by vpn_address warnings"


def worker(world: World) -> Node:
    """Node 2, of a cluster that this machine leads."""
    world.use("cluster")
    node = add_node(2)
    hear_from(2)
    return node


@row(A.CLUSTER_SETTINGS_CHANGED, "settings/cluster/ post")
def change_settings(world: World) -> Expected:
    cluster = world.use("cluster")
    world.page("/settings/cluster/", label="Ships", max_nodes=cluster.max_nodes)
    return Expected(("cluster", str(cluster.uuid)), "label")


@row(A.CLUSTER_SETTINGS_CHANGED, "api/v1/cluster/ patch")
def change_settings_by_api(world: World) -> Expected:
    cluster = world.use("cluster")
    world.api("patch", "cluster/", {"label": "Ships"})
    return Expected(("cluster", str(cluster.uuid)), "label")


def code_target() -> tuple[str, str]:
    return ("join_code", str(JoinCode.objects.get().pk))


@row(A.JOIN_CODE_CREATED, "nodes/add/ post")
def make_join_code(world: World) -> Expected:
    world.use("cluster")
    world.page("/nodes/add/", ttl_seconds=3600)
    return Expected(code_target(), "expires_at")


@row(A.JOIN_CODE_CREATED, "api/v1/^join-codes/$ post")
def make_join_code_by_api(world: World) -> Expected:
    world.use("cluster")
    world.api("post", "join-codes/", {})
    return Expected(code_target(), "expires_at")


@row(A.JOIN_CODE_CREATED, "command join_code")
def make_join_code_by_command(world: World) -> Expected:
    world.use("cluster")
    world.command("join_code")
    return Expected(code_target(), "expires_at")


@row(A.JOIN_CODE_REVOKED, "join-codes/<uuid:code_id>/revoke/ post")
def revoke_join_code(world: World) -> Expected:
    world.use("cluster")
    world.page(f"/join-codes/{make_code()[0].pk}/revoke/")
    return Expected(code_target())


@row(A.JOIN_CODE_REVOKED, "api/v1/^join-codes/(?P<pk>[^/.]+)/$ delete")
def revoke_join_code_by_api(world: World) -> Expected:
    world.use("cluster")
    world.api("delete", f"join-codes/{make_code()[0].pk}/")
    return Expected(code_target())


@row(A.JOIN_CODE_REFUSED, "agent/v1/enrol post")
def present_bad_code(world: World) -> Expected:
    world.use("cluster")
    code, text = make_code()
    JoinCode.objects.update(revoked_at=code.expires_at)
    world.use("newcomer").enrol(text)
    refused = Expected(code_target(), "code detail fqdn", outcome="denied")
    return by(refused, user="node2.example.org", source="192.0.2.7", verified="")


@row(A.NODE_JOIN_STARTED, "agent/v1/enrol post")
def start_to_join(world: World) -> Expected:
    world.use("cluster")
    world.use("newcomer").enrol(make_code()[1])
    return by(joining(JOIN), user="node2.example.org", source="192.0.2.7", verified="")


@row(A.TLS_VALIDATION_DISABLED, "agent/v1/enrol post")
def join_without_validation(world: World) -> Expected:
    world.use("cluster")
    world.use("newcomer").enrol(make_code()[1], tls_verified=False)
    return by(joining(JOIN), user="node2.example.org", source="192.0.2.7", verified="")


def joining(details: str, *, outcome: str = "ok") -> Expected:
    operation = Operation.objects.get(kind="join").pk
    return Expected(NODE, details, operation=operation, outcome=outcome)


OF_JOIN: dict[str, Any] = {"user": "node2.example.org", "verified": ""}


@row(A.NODE_JOINED, "system cluster.tasks.advance", interface=Interface.AGENT)
def join(world: World) -> Expected:
    world.use("member")
    return by(joining("code detail warnings"), **OF_JOIN)


@row(A.NODE_JOIN_FAILED, "system cluster.tasks.advance", interface=Interface.AGENT)
def fail_to_join(world: World) -> Expected:
    world.use("joining")
    operation = Operation.objects.get(kind="join")
    Operation.objects.update(deadline=operation.created_at)
    carry_on(operation, times=3)
    return by(joining("code detail warnings", outcome="failed"), **OF_JOIN)


@row(A.NODE_CHANGED, "nodes/<int:node_id>/label/ post")
def label_node(world: World) -> Expected:
    worker(world)
    world.page("/nodes/2/label/", label="blue")
    return Expected(NODE, "label")


@row(A.NODE_CHANGED, "nodes/<int:node_id>/settings/ post")
def set_node(world: World) -> Expected:
    worker(world)
    world.page("/nodes/2/settings/", endpoint="node2.example.org:55821", eligible="on")
    return Expected(NODE, "eligible endpoint")


@row(A.NODE_CHANGED, "api/v1/^nodes/(?P<pk>\\d+)/$ patch")
def change_node_by_api(world: World) -> Expected:
    worker(world)
    world.api("patch", "nodes/2/", {"label": "blue"})
    return Expected(NODE, "label")


@row(A.NODE_FQDN_CHANGED, "nodes/<int:node_id>/fqdn/ post")
def rename_node(world: World) -> Expected:
    worker(world)
    world.page("/nodes/2/fqdn/", fqdn="web2.example.org")
    return Expected(NODE, "console_url endpoint fqdn")


@row(A.NODE_FQDN_CHANGED, "api/v1/^nodes/(?P<pk>\\d+)/fqdn/$ post")
def rename_node_by_api(world: World) -> Expected:
    worker(world)
    world.api("post", "nodes/2/fqdn/", {"fqdn": "web2.example.org"})
    return Expected(NODE, "console_url endpoint fqdn")


@row(A.NODE_STATE_REFUSED, "agent/v1/sync post")
def refuse_state(world: World) -> Expected:
    member = world.use("member")
    refused = {"code": "state_not_newer", "detail": "It is old."}
    member.sync(health={"refused_state": refused}, source="10.5.4.2")
    event = Expected(NODE, "code detail", outcome="denied", user="node2.example.org")
    return by(event, source="10.5.4.2")


@row(A.NODE_COMMAND_SENT, "system nodes.services.commands.send_command")
def send(world: World) -> Expected:
    node = worker(world)
    send_command(node, verb=Command.Verb.PROBE, arguments={}, actor=Actor.system())
    return Expected(NODE, "command verb")


REMOVAL = "applications digest force fqdn node_id providers reachable vpn_address"
REMOVED = "applications code detail providers"


def removal(details: str, *, outcome: str = "ok") -> Expected:
    operation = Operation.objects.get(kind="remove").pk
    return Expected(NODE, details, operation=operation, outcome=outcome)


@row(A.NODE_REMOVAL_REQUESTED, "nodes/<int:node_id>/remove/ post")
def ask_for_removal(world: World) -> Expected:
    digest = preview_removal(worker(world)).digest
    world.page("/nodes/2/remove/", confirmation="node2", digest=digest)
    return removal(REMOVAL)


@row(A.NODE_REMOVAL_REQUESTED, "api/v1/nodes/<int:node_id>/removal/ post")
def ask_for_removal_by_api(world: World) -> Expected:
    digest = preview_removal(worker(world)).digest
    world.api("post", "nodes/2/removal/", {"confirmation": "node2", "digest": digest})
    return removal(REMOVAL)


@row(A.NODE_REMOVAL_REQUESTED, "command remove_node")
def ask_for_removal_by_command(world: World) -> Expected:
    node = worker(world)
    Contact.objects.filter(node=node).update(farewell_at=node.created_at)
    world.use("steady")
    world.command("remove_node", "--node", "2", "--yes")
    return removal(REMOVAL)


@row(A.NODE_REMOVAL_REQUESTED, "api-cli remove-node")
def ask_for_removal_by_api_cli(world: World) -> Expected:
    node = worker(world)
    Contact.objects.filter(node=node).update(farewell_at=node.created_at)
    world.use("steady")
    world.api_cli("remove-node", node=2)
    return removal(REMOVAL)


ALICE: dict[str, Any] = {
    "user": "alice",
    "user_kind": "administrator",
    "interface": "api",
    "verified": "",
    "source": "",
    "user_agent": "",
}
"""Who asked for what other tests' factories ask for."""


@row(A.NODE_REMOVED, "system cluster.tasks.advance", interface=Interface.API)
def remove(world: World) -> Expected:
    node = worker(world)
    operation = ask_removal()
    Contact.objects.filter(node=node).update(farewell_at=node.created_at)
    world.begin()
    carry_on(operation, times=3)
    return by(removal(REMOVED), **ALICE)


@row(A.NODE_REMOVAL_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_remove(world: World) -> Expected:
    worker(world)
    operation = ask_removal()
    Operation.objects.update(deadline=operation.created_at)
    carry_on(operation, times=3)
    return by(removal(REMOVED, outcome="failed"), **ALICE)


def note() -> FollowUp:
    kind = FollowUp.Kind.SHUT_DOWN_NODE
    return follow_ups.note(kind, subject="node3", detail="Shut node3 down.", node=3)


@row(A.FOLLOW_UP_SETTLED, "follow-ups/<int:follow_up_id>/settle/ post")
def settle(world: World) -> Expected:
    world.use("cluster")
    pk = note().pk
    world.page(f"/follow-ups/{pk}/settle/")
    return Expected(("follow_up", str(pk)), "detail")


@row(A.FOLLOW_UP_SETTLED, "api/v1/^follow-ups/(?P<pk>\\d+)/$ patch")
def settle_by_api(world: World) -> Expected:
    world.use("cluster")
    pk = note().pk
    world.api("patch", f"follow-ups/{pk}/", {"settled": True})
    return Expected(("follow_up", str(pk)), "detail")


@row(A.FOLLOW_UP_SETTLED, "system cluster.follow_ups.settle_by_system")
def settle_by_system(world: World) -> Expected:
    world.use("cluster")
    pk = note().pk
    follow_ups.settle_by_system(FollowUp.Kind.SHUT_DOWN_NODE, subject="node3")
    return Expected(("follow_up", str(pk)), "detail")
