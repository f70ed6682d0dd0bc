"""What becomes of the operations that another leader began, when this node takes over.

A promotion of this very node goes on behind the point of no return, and a removal where it was.
Whatever only the last leader could finish is undone here, and so is the removal of this very node.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from cluster.errors.leadership import LeaderLost
from cluster.models import Operation, OperationStep
from cluster.models.operation import HAND_OVER
from cluster.restore import read_moment
from cluster.workflows.registry import WORKFLOWS
from cluster.workflows.steps import Workflow
from nodes.models import Node

Json = Mapping[str, Any]
UNDONE = (
    Operation.Kind.JOIN,
    Operation.Kind.INSTALL_APPLICATION,
    Operation.Kind.CHANGE_APPLICATION,
)
"""What these need, only the leader that began them has: what came in, or was given, there."""
INHERITED = (
    *UNDONE,
    Operation.Kind.REMOVE,
    Operation.Kind.PROMOTE,
    Operation.Kind.REMOVE_APPLICATION,
)
StepState = OperationStep.State


def inherit(described: Iterable[Json], *, leader: Node) -> None:
    """Restore the open operations of the last leader, in the caller's transaction."""
    for each in described:
        if each["kind"] in INHERITED and each["kind"] in WORKFLOWS:
            _inherit(each, leader=leader)


def _inherit(described: Json, *, leader: Node) -> None:
    operation = _operation(described)
    steps = _steps(described, operation, workflow=WORKFLOWS[operation.kind])
    if operation.kind == Operation.Kind.PROMOTE:
        _inherit_promotion(operation, steps, leader=leader)
    elif operation.kind in UNDONE or _removes(operation, leader):
        _undo(operation, leader=leader)
    operation.save(force_insert=True)
    OperationStep.objects.bulk_create(steps)


def _removes(operation: Operation, node: Node) -> bool:
    return operation.kind == Operation.Kind.REMOVE and operation.node_id == node.pk


def _operation(described: Json) -> Operation:
    """As it was, with time enough to go on."""
    workflow = WORKFLOWS[described["kind"]]
    node_id = described["node"]
    return Operation(
        id=UUID(described["id"]),
        kind=described["kind"],
        state=described.get("state", Operation.State.RUNNING),
        parameters=described["parameters"],
        data=described["data"],
        actor=described["actor"],
        subject=described.get("subject", ""),
        node_id=node_id if Node.objects.filter(pk=node_id).exists() else None,
        position=min(described.get("position", 0), len(workflow.steps) - 1),
        undoing=described.get("undoing", False),
        irreversible=described.get("irreversible", False),
        error_code=described.get("error_code", ""),
        error_detail=described.get("error_detail", ""),
        progress=described.get("progress", 0),
        created_at=read_moment(described["created_at"]) or timezone.now(),
        deadline=timezone.now() + workflow.deadline,
    )


def _steps(described: Json, operation: Operation, *, workflow: Workflow) -> list[OperationStep]:
    """The steps of this node's own workflow, with what the last leader did of each."""
    done = {step["name"]: step for step in described.get("steps", ())}
    return [
        OperationStep(
            operation=operation,
            position=position,
            name=step.name,
            **_history(done.get(step.name, {})),
        )
        for position, step in enumerate(workflow.steps)
    ]


def _history(step: Json) -> dict[str, Any]:
    """A step that the last leader did not know is yet to be done."""
    return {
        "state": step.get("state", StepState.PENDING),
        "detail": step.get("detail", ""),
        "started_at": read_moment(step.get("started_at")),
        "ended_at": read_moment(step.get("ended_at")),
    }


def _inherit_promotion(operation: Operation, steps: list[OperationStep], *, leader: Node) -> None:
    if operation.node_id == leader.pk and not operation.undoing:
        _go_on(operation, steps)
    elif operation.irreversible:
        _give_up(operation, steps, leader=leader)
    else:
        _undo(operation, leader=leader)


def _go_on(operation: Operation, steps: list[OperationStep]) -> None:
    """Leading is what the steps until here were for: they are done."""
    place = next(step.position for step in steps if step.name == HAND_OVER)
    operation.position = max(operation.position, place + 1)
    operation.irreversible = True
    operation.state = Operation.State.RUNNING
    operation.progress = 100 * operation.position // len(steps)
    for step in steps[: place + 1]:
        step.state = StepState.SKIPPED if step.state == StepState.SKIPPED else StepState.SUCCEEDED
        step.ended_at = step.ended_at or timezone.now()


def _undo(operation: Operation, *, leader: Node) -> None:
    """The engine takes it back step by step, and says so at its end."""
    if not operation.undoing:
        _note_loss(operation, leader=leader)
    operation.undoing, operation.irreversible = True, False
    operation.state = Operation.State.RUNNING


def _give_up(operation: Operation, steps: list[OperationStep], *, leader: Node) -> None:
    """It was past its point of no return, towards a node that does not lead now."""
    _note_loss(operation, leader=leader)
    operation.state, operation.ended_at = Operation.State.FAILED, timezone.now()
    for step in steps:
        if step.state in (StepState.PENDING, StepState.RUNNING):
            step.state = StepState.SKIPPED


def _note_loss(operation: Operation, *, leader: Node) -> None:
    lost = LeaderLost(leader=leader)
    operation.error_code, operation.error_detail = lost.code, lost.detail
