"""The promotion on the new leader: it leads already, and sees that the others follow."""

from collections.abc import Iterable

from cluster import follow_ups, state, stragglers
from cluster.accession import record_taken
from cluster.backup.replica import PASSWORD_PAGE
from cluster.models import FollowUp
from cluster.workflows.promote_calls import POLL
from cluster.workflows.steps import Run, Wait
from nodes.local_agent import get_local_agent
from nodes.models import Contact, Node


def await_old_leader(run: Run) -> None:
    """Wait until the one that led follows."""
    record_taken(actor=run.actor, reason="handed over")  # if its process ended before it said so
    _await(run, [run.operation.parameters["from"]])


def await_workers(run: Run) -> None:
    """Wait until every other node follows."""
    others = Node.objects.filter(state=Node.State.ACTIVE, role=Node.Role.WORKER)
    ids = others.exclude(pk=run.operation.parameters["from"]).values_list("pk", flat=True)
    _await(run, list(ids))
    run.note(f"{_names(ids)} follow." if ids else "There is no other node.")


def _await(run: Run, node_ids: list[int]) -> None:
    behind = [pk for pk in stragglers.find() if pk in node_ids]
    if behind:
        raise Wait(POLL, f"Waiting for {_names(behind)} to follow.")


def verify(run: Run) -> None:
    """Make sure that this node does what a leader does."""
    status, signed = get_local_agent().status(), state.publish()
    if signed is None or status["vpn"]["state"] not in ("up", "off"):
        raise Wait(POLL, f"Waiting for the VPN: {status['vpn']['reason'] or 'it is being set up'}")
    if Contact.objects.filter(node__role=Node.Role.LEADER, last_contact=None).exists():
        raise Wait(POLL, "Waiting for this machine's own agent to report.")


def note_stragglers(run: Run) -> None:
    """Who does not follow is named until it does."""
    stragglers.note()


def note_what_is_left(run: Run) -> None:
    """What does not travel with the state."""
    old = f"node{run.operation.parameters['from']}"
    follow_ups.note(  # where there was one, it was noted when the state was taken over
        FollowUp.Kind.BACKUP_PASSWORD,
        detail="A backup password does not travel with the leadership. None was set before; "
        "to have backups, set one here.",
        link=PASSWORD_PAGE,
    )
    follow_ups.note(
        FollowUp.Kind.LOG_STORE,
        subject=old,
        detail=f"The logs of all nodes from before the change of leader stay on {old}. Search them "
        "there with manage.py search_logs; nothing deletes them as long as it does not lead again.",
    )
    follow_ups.note(
        FollowUp.Kind.AUDIT_TRAIL,
        subject=old,
        detail=f"The audit trail from before the change of leader is on {old}. "
        + (
            "A sealed export of it is on its way here; this entry settles itself then."
            if run.operation.parameters.get("audit_export")
            else "Export it there."
        ),
    )


def _names(node_ids: Iterable[int]) -> str:
    return ", ".join(f"node{node_id}" for node_id in node_ids)
