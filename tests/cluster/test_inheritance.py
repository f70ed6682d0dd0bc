"""What becomes of an operation that the last leader had begun (S38)."""

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit.models import AuditEvent
from cluster.applications_digest import digest_of
from cluster.models import Cluster, Operation, OperationStep
from cluster.services import takeover
from cluster.services.operations import open_operation
from nodes.models import Node
from tests.cluster.factories import ADMIN, add_node, carry_on
from tests.cluster.pairs import Pair

pytestmark = pytest.mark.django_db


def begin(kind: Operation.Kind, *, at: str, node: Node | None = None, **values: Any) -> Operation:
    """An operation whose step of that name is being done."""
    parameters = values.pop("parameters", {})
    operation = open_operation(kind, actor=ADMIN, parameters=parameters, node=node)
    position = operation.steps.get(name=at).position
    operation.steps.filter(position__lt=position).update(
        state="succeeded", started_at=timezone.now(), ended_at=timezone.now(), detail="Done."
    )
    operation.steps.filter(position=position).update(state="running", started_at=timezone.now())
    values = {"position": position, "state": "running"} | values
    Operation.objects.filter(pk=operation.pk).update(**values)
    return operation


def promotion(number: int) -> dict[str, Any]:
    return {"node_id": number, "from": 1, "endpoint": "e:1", "check_connectivity": False}


def take_over(pair: Pair) -> None:
    """Node 2 takes over from what it holds, and leads."""
    pair.become(2)
    document, sealed = takeover.open_held_state()
    made = takeover.import_state(
        document=document,
        sealed=sealed,
        term=2,
        handover=None,
        endpoint=None,
        actor=ADMIN,
        reason="lost",
    )
    pair.agents[2].lead(made, approved=True)


def steps_of(pk: UUID) -> dict[str, str]:
    rows = OperationStep.objects.filter(operation_id=pk)
    return {row.name: row.state for row in rows}


def share(pair: Pair) -> None:
    """The state of now reaches node 2; what was there is gone before it takes over."""
    Cluster.objects.update(generation=Cluster.objects.get().generation + 1)
    pair.spread()


def test_own_promotion_goes_on_behind_the_handing_over(pair: Pair) -> None:
    node = Node.objects.get(pk=2)
    parameters = promotion(2)
    begun = begin(Operation.Kind.PROMOTE, at="prepare", node=node, parameters=parameters)
    share(pair)

    take_over(pair)

    operation = Operation.objects.get(pk=begun.pk)
    assert (operation.state, operation.irreversible, operation.undoing) == ("running", True, False)
    assert operation.steps.get(position=operation.position).name == "step_down"
    assert steps_of(begun.pk)["hand_over"] == "succeeded"
    assert operation.steps.get(name="announce").detail == "Done."
    assert (operation.actor["name"], operation.node_id) == ("alice", 2)
    assert operation.lease is None


def test_promotion_of_another_node_is_undone(pair: Pair) -> None:
    node = add_node(3, endpoint="e:1")
    begun = begin(
        Operation.Kind.PROMOTE,
        at="preflight",
        node=node,
        parameters=promotion(3),
        data={"endpoint_before": "node3.example.org:55820"},
    )
    share(pair)

    take_over(pair)
    operation = carry_on(Operation.objects.get(pk=begun.pk), times=3)

    assert (operation.state, operation.error_code) == ("failed", "leader_lost")
    assert Node.objects.get(pk=3).endpoint == "node3.example.org:55820"
    assert AuditEvent.objects.filter(action="node.promotion.failed").count() == 1


def test_promotion_that_was_past_its_point_of_no_return_has_failed(pair: Pair) -> None:
    """Its node led, and is lost in its turn."""
    node = add_node(3)
    begun = begin(
        Operation.Kind.PROMOTE,
        at="follow",
        node=node,
        parameters=promotion(3),
        irreversible=True,
    )
    share(pair)

    take_over(pair)

    operation = Operation.objects.get(pk=begun.pk)
    assert (operation.state, operation.error_code) == ("failed", "leader_lost")
    assert operation.ended_at is not None
    assert steps_of(begun.pk)["verify"] == "skipped"


def test_own_promotion_that_was_being_undone_is_undone(pair: Pair) -> None:
    node, error = Node.objects.get(pk=2), "endpoint_address_not_reachable"
    begun = begin(
        Operation.Kind.PROMOTE,
        at="preflight",
        node=node,
        parameters=promotion(2),
        undoing=True,
        error_code=error,
    )
    share(pair)

    take_over(pair)
    operation = carry_on(Operation.objects.get(pk=begun.pk), times=3)

    assert (operation.state, operation.error_code) == ("failed", error)


def test_join_is_undone_and_its_place_is_free(pair: Pair) -> None:
    node = add_node(3, state=Node.State.JOINING)
    parameters = {"node_id": 3, "fqdn": node.fqdn, "warnings": [], "generation": 1}
    begun = begin(Operation.Kind.JOIN, at="connect", node=node, parameters=parameters)
    share(pair)

    take_over(pair)
    operation = carry_on(Operation.objects.get(pk=begun.pk), times=4)

    assert (operation.state, operation.error_code) == ("failed", "leader_lost")
    assert not Node.objects.filter(pk=3).exists()
    assert Cluster.objects.get().next_node_id == 4
    assert AuditEvent.objects.filter(action="node.join.failed").count() == 1


def test_removal_goes_on_where_it_was(pair: Pair) -> None:
    node = add_node(3, state=Node.State.REMOVING)
    parameters = {
        "node_id": 3,
        "fqdn": node.fqdn,
        "reachable": False,
        "applications": [],
        "providers": [],
        "force": True,
    }
    begun = begin(
        Operation.Kind.REMOVE, at="tell", node=node, parameters=parameters, irreversible=True
    )
    share(pair)

    take_over(pair)
    before = Operation.objects.get(pk=begun.pk)
    operation = carry_on(before, times=3)

    assert steps_of(begun.pk)["revoke"] == "succeeded"
    assert operation.state == "succeeded", operation.error_detail
    assert Node.objects.get(pk=3).state == "removed"


def test_what_only_the_last_leader_did_to_itself_is_forgotten(pair: Pair) -> None:
    begin(Operation.Kind.CREATE, at="connect")
    share(pair)

    take_over(pair)

    assert not Operation.objects.exists()


def test_removal_of_the_node_that_leads_now_is_undone(pair: Pair) -> None:
    """It was asked for, and not begun; without its leader the cluster would be nothing."""
    node = Node.objects.get(pk=2)
    parameters = {
        "node_id": 2,
        "fqdn": node.fqdn,
        "digest": digest_of(node, ()),
        "reachable": False,
        "applications": [],
        "providers": [],
    }
    begun = begin(Operation.Kind.REMOVE, at="revoke", node=node, parameters=parameters)
    share(pair)

    take_over(pair)
    operation = carry_on(Operation.objects.get(pk=begun.pk), times=2)

    assert (operation.state, operation.error_code) == ("failed", "leader_lost")
    assert (Node.objects.get(pk=2).state, Node.objects.get(pk=2).role) == ("active", "leader")
