"""A planned promotion: the leader prepares the next one, hands over, and the next one goes on.

The operation itself travels in the state. On the old leader it ends with ``hand_over``; on the new
one it begins with ``step_down`` (S23 to S30).
"""

from datetime import timedelta

from audit.actions import AuditAction
from audit.models import Outcome
from cluster import freeze, state
from cluster.models import Cluster, Operation
from cluster.models.operation import HAND_OVER
from cluster.workflows import promote_arriving as arriving
from cluster.workflows import promote_leaving as leaving
from cluster.workflows.outcome import record_outcome
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, Workflow


def record_success(run: Run) -> None:
    """On both sides: each has a trail of its own. The new leader's state says that it has ended."""
    if not run.continues:
        arriving.note_what_is_left(run)
        state.bump()
    _record(run, AuditAction.NODE_PROMOTED, Outcome.OK)


def record_failure(run: Run) -> None:
    """The state says so too, or the operation would be found open in it by a later leader."""
    freeze.thaw()
    state.bump()
    _record(run, AuditAction.NODE_PROMOTION_FAILED, Outcome.FAILED)


def _record(run: Run, action: AuditAction, outcome: Outcome) -> None:
    wanted = run.operation.parameters
    details = {
        "endpoint": wanted["endpoint"],
        "check_connectivity": wanted["check_connectivity"],
        "from": wanted["from"],
        "term": Cluster.objects.values_list("term", flat=True).get(),
    }
    target = leaving.candidate(run).audit_target
    record_outcome(run, action, outcome, target=target, details=details)


STEPS = (
    Step("announce", commit=leaving.announce, undo_commit=leaving.unannounce),
    Step("preflight", act=leaving.check_connections, deadline=timedelta(seconds=15)),
    Step("freeze", commit=leaving.begin_freeze, undo_commit=leaving.end_freeze),
    Step("final_state", act=leaving.await_final_state, deadline=timedelta(seconds=8)),
    Step("prepare", act=leaving.prepare, deadline=timedelta(seconds=10)),
    Step(  # its point of no return is in the middle of it
        HAND_OVER,
        act=leaving.hand_over,
        commit=leaving.publish_new_term,
        deadline=timedelta(seconds=10),
    ),
    Step(
        "step_down",
        act=arriving.await_old_leader,
        deadline=timedelta(seconds=4),
        required=False,
    ),
    Step("follow", act=arriving.await_workers, deadline=timedelta(seconds=4), required=False),
    Step("verify", act=arriving.verify, commit=arriving.note_stragglers),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.PROMOTE,
        steps=STEPS,
        deadline=timedelta(seconds=60),
        on_succeeded=record_success,
        on_failed=record_failure,
    )
)
