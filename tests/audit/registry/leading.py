"""Who leads: asked for, handed over, taken, lost, disputed, decided."""

from typing import Any

from audit.actions import AuditAction as A
from audit.actor import Interface
from cluster import tasks
from cluster.models import Cluster, Operation
from nodes.agent.history import Contest
from nodes.models import Node
from nodes.services.nodes import change_node
from tests.audit.registry.nodes import ALICE, NODE
from tests.audit.registry.rows import Expected, by, row
from tests.audit.registry.world import World
from tests.cluster.factories import ADMIN, carry_on, hear_from
from tests.cluster.pairs import CandidateCalls

PROMOTE = {"vpn_address": "node2.example.org", "vpn_port": 55820}
WISH = "audit_export check_connectivity endpoint from node_id"
PROMOTED = "check_connectivity code detail endpoint from term"


def pair_to_promote(world: World) -> Any:
    """Node 2 could lead instead of this one."""
    pair = world.use("pair")
    pair.settings.TRANSPORT = CandidateCalls(pair)
    hear_from(2)
    return pair


def promotion(details: str, *, outcome: str = "ok") -> Expected:
    operation = Operation.objects.get(kind="promote").pk
    return Expected(NODE, details, operation=operation, outcome=outcome)


@row(A.NODE_PROMOTION_REQUESTED, "nodes/<int:node_id>/promote/ post")
def ask_for_promotion(world: World) -> Expected:
    pair_to_promote(world)
    world.page("/nodes/2/promote/", **PROMOTE, confirmation="node2")
    return promotion(WISH)


@row(A.NODE_PROMOTION_REQUESTED, "api/v1/nodes/<int:number>/promotion/ post")
def ask_for_promotion_by_api(world: World) -> Expected:
    pair_to_promote(world)
    world.api("post", "nodes/2/promotion/", PROMOTE | {"confirmation": "node2"})
    return promotion(WISH)


@row(A.NODE_PROMOTION_REQUESTED, "command promote_node")
def ask_for_promotion_by_command(world: World) -> Expected:
    pair_to_promote(world)
    world.use("impatient")
    place = ("--vpn-address", "node2.example.org", "--vpn-port", "55820")
    world.failing_command("promote_node", "--node", "2", *place, "--no-check", "--yes")
    return promotion(WISH)


@row(A.NODE_PROMOTION_REQUESTED, "api-cli promote-node")
def ask_for_promotion_by_api_cli(world: World) -> Expected:
    pair_to_promote(world)
    world.use("impatient")
    data = '{"node":2,"check_connectivity":false}'
    world.failing_command("api_cli", "run", "promote-node", "--data", data)
    return promotion(WISH)


@row(A.NODE_PROMOTED, "system cluster.tasks.advance", interface=Interface.API)
def promote(world: World) -> Expected:
    pair = pair_to_promote(world)
    operation = carry_on(pair.promote())
    pair.spread()
    carry_on(operation)
    return by(promotion(PROMOTED), **ALICE)


@row(A.NODE_PROMOTION_FAILED, "system cluster.tasks.advance", interface=Interface.API)
def fail_to_promote(world: World) -> Expected:
    operation = pair_to_promote(world).promote()
    Operation.objects.update(deadline=operation.created_at)
    carry_on(operation, times=3)
    return by(promotion(PROMOTED, outcome="failed"), **ALICE)


def cluster_target() -> tuple[str, str]:
    return ("cluster", str(Cluster.objects.get().uuid))


@row(A.LEADERSHIP_TAKEN, "command switch_leader")
def switch_leader(world: World) -> Expected:
    fleet = world.use("fleet")
    world.use("network")
    fleet.become(3)
    world.command("switch_leader", "--node", "3", "--yes")
    return Expected(cluster_target(), "built_on reason term")


@row(A.LEADERSHIP_FOLLOWED, "follow-leader/ post")
def follow(world: World) -> Expected:
    world.use("fleet").agents[1].depose(by=3, term=2)
    world.page("/follow-leader/", leader="3")
    return Expected(details="kept late_changes leader")


@row(A.LEADERSHIP_FOLLOWED, "api/v1/cluster/follow/ post")
def follow_by_api(world: World) -> Expected:
    world.use("fleet").agents[1].depose(by=3, term=2)
    world.api("post", "cluster/follow/", {"node": 3})
    return Expected(details="kept late_changes leader")


@row(A.LEADERSHIP_FOLLOWED, "command switch_leader")
def follow_by_command(world: World) -> Expected:
    world.use("fleet").agents[1].depose(by=3, term=2)
    world.use("network")
    world.failing_command("switch_leader", "--node", "3", "--yes", "--timeout", "0")
    return Expected(details="kept late_changes leader")


def contest(world: World) -> None:
    world.use("fleet").agents[1].contest(Contest(node_id=2, term=2, leader=3))


@row(A.LEADERSHIP_REASSERTED, "reassert-leader/ post")
def reassert(world: World) -> Expected:
    assert world.browser
    contest(world)
    world.page("/reassert-leader/")
    return by(Expected(cluster_target(), "against term"), term=1)


@row(A.LEADERSHIP_REASSERTED, "api/v1/cluster/reassert/ post")
def reassert_by_api(world: World) -> Expected:
    assert world.program
    contest(world)
    world.api("post", "cluster/reassert/")
    return by(Expected(cluster_target(), "against term"), term=1)


@row(A.LEADERSHIP_CONTESTED, "system cluster.tasks.sweep")
def hear_of_another(world: World) -> Expected:
    contest(world)
    tasks.sweep()
    return Expected(("nodes", "node2"), "claims own_term", outcome="denied")


@row(A.LEADERSHIP_LOST, "system cluster.tasks.sweep")
def lose(world: World) -> Expected:
    world.use("fleet").agents[1].depose(by=3, term=2)
    tasks.sweep()
    return Expected(("node", "3"), "own_term term")


@row(A.LEADER_APPROVED, "agent/v1/sync post")
def approve(world: World) -> Expected:
    deed = {"id": "d1", "at": "2026-11-22T12:00:00+00:00", "by": "root@x", "verb": "follow"}
    world.use("fleet").machines[2].sync(deeds=[deed | {"node_id": 3}], source="10.5.4.2")
    event = Expected(("node", "3"), "at by on", user="root@node2.example.org")
    who = {"user_kind": "root", "interface": "command", "verified": "", "request_id": "d1"}
    return by(event, **who, source="10.5.4.2")


def removed_machine(world: World) -> None:
    """This machine was node 2 of a cluster, and was removed."""
    world.use("removed_machine")


MACHINE = by(Expected(NODE, "cluster"), term=1)


@row(A.NODE_CLEANED, "clean-start/ post")
def clean(world: World) -> Expected:
    removed_machine(world)
    world.page("/clean-start/", confirmation="node2")
    return MACHINE


@row(A.NODE_CLEANED, "api/v1/cluster/clean-start/ post")
def clean_by_api(world: World) -> Expected:
    assert world.program
    removed_machine(world)
    world.api("post", "cluster/clean-start/")
    return MACHINE


@row(A.NODE_CLEANED, "command clean_start")
def clean_by_command(world: World) -> Expected:
    removed_machine(world)
    world.command("clean_start", "--yes")
    return MACHINE


@row(A.NODE_WIPED, "system cluster.tasks.sweep")
def wipe(world: World) -> Expected:
    """A follower that may not lead any more forgets what it kept from having led."""
    pair = world.use("pair")
    change_node(Node.objects.get(pk=2), actor=ADMIN, eligible=False)
    pair.spread()
    pair.become(2)
    tasks.sweep()
    return Expected(NODE, "cluster copies role")
