"""The audit event of an operation's end."""

from collections.abc import Mapping

from audit.actions import AuditAction
from audit.actor import Target
from audit.models import Outcome
from audit.services import record
from cluster.workflows.steps import Run


def record_outcome(
    run: Run,
    action: AuditAction,
    outcome: Outcome,
    *,
    target: Target,
    details: Mapping[str, object] | None = None,
) -> None:
    """Say how it ended, with the error's code and sentence where there is one."""
    operation = run.operation
    ended = {"code": operation.error_code, "detail": operation.error_detail}
    record(
        action,
        actor=run.actor,
        target=target,
        outcome=outcome,
        operation=operation.pk,
        details={**ended, **(details or {})},
    )


def node_target(run: Run) -> Target:
    """The node that the operation is about, which may be gone by now."""
    wanted = run.operation.parameters
    label = f"node{wanted['node_id']} ({wanted['fqdn']})"
    return Target(kind="node", id=str(wanted["node_id"]), label=label, node=wanted["node_id"])
