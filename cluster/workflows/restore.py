"""Restoring a backup: this machine becomes the leader of the cluster, or stays what it was.

The agent signs the first state before the database says anything of the cluster, and one
transaction then writes all of it. So a crash leaves a machine that goes on, or one that is as
before: the accounts that were here are replaced with the last step that could fail.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Target
from audit.models import Outcome
from cluster import identity, state
from cluster.accession import record_taken
from cluster.backup import place
from cluster.backup.names import TERMS_AHEAD
from cluster.backup.rebasing import rebase
from cluster.errors import ClusterAlreadySet
from cluster.models import Cluster, Operation
from cluster.restore import replace_rows, restore_cluster
from cluster.workflows.outcome import record_outcome
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, Wait, Workflow
from config.version import VERSION
from nodes.local_agent import get_local_agent
from nodes.models import Contact, Node
from nodes.role import Role

PATIENCE = timedelta(seconds=60)
"""For what follows the point of no return."""


def prepare(run: Run) -> None:
    """Make sure that the agent runs and this machine is free, and learn its keys."""
    status = get_local_agent().status()
    wanted = run.operation.parameters
    if status["role"] == Role.UNINITIALISED:
        if status["joining"] is not None:
            get_local_agent().leave(reason="A backup was restored instead.", force=True)
    elif status["cluster"] != wanted["uuid"] or Cluster.objects.exists():
        raise ClusterAlreadySet(cluster=status["cluster"])
    run.data["machine"] = {
        **status["keys"],
        "fqdn": status["fqdn"],
        "endpoint": wanted["endpoint"],
        "console_url": identity.console_url(status["fqdn"]),
        "tls_fingerprint": identity.tls_fingerprint(),
        "version": VERSION,
        "distribution": status["distribution"],
        "at": run.now.isoformat(),
    }


def lead(run: Run) -> None:
    """Have the agent sign the first state of the new term; nothing can fail any more after that."""
    run.data["jws"] = get_local_agent().lead(_draft(run))
    run.pass_no_return(deadline=PATIENCE)


def take_over(run: Run) -> None:
    """Write all that the backup says, instead of what this machine knew."""
    _import(run)
    state.store(run.data.pop("jws"))
    run.operation.node = Node.objects.get(role=Node.Role.LEADER)
    record_taken(actor=run.actor, reason="backup")


def stop_leading(run: Run) -> None:
    """Have the agent forget the cluster."""
    reason = run.operation.error_detail or "The restoration was cancelled."
    get_local_agent().leave(reason=reason, force=True)


def connect(run: Run) -> None:
    """Wait for the VPN, where this machine can have one, and for the agent's first sync."""
    vpn = get_local_agent().status()["vpn"]
    if vpn["state"] not in ("up", "off"):
        raise Wait(0.3, f"Waiting for the VPN: {vpn['reason'] or 'it is being set up'}")
    if Contact.objects.filter(node__role=Node.Role.LEADER, last_contact=None).exists():
        raise Wait(0.3, "Waiting for this machine's own agent to report.")
    if vpn["state"] == "off":
        run.note(vpn["reason"] or "The VPN is off.")


def _draft(run: Run) -> Mapping[str, Any]:
    """The document that the database will give, once it says what the backup does."""
    with transaction.atomic():
        _import(run)
        document = state.read_document()
        transaction.set_rollback(True)
    return document


def _import(run: Run) -> None:
    document, sealed = rebase(
        run.secret["document"], run.secret["sealed"], machine=run.data["machine"]
    )
    number = document["leader"]
    replace_rows(document, sealed, leader_id=number, endpoint=None, keep=run.operation.pk)
    term = document["term"] + TERMS_AHEAD
    restore_cluster(document, sealed, term=term, handover=None)


def record_success(run: Run) -> None:
    _record(run, AuditAction.CLUSTER_RESTORED, Outcome.OK)


def record_failure(run: Run) -> None:
    _record(run, AuditAction.CLUSTER_RESTORE_FAILED, Outcome.FAILED)
    if not run.operation.irreversible:
        transaction.on_commit(lambda: place.clear_restored(run.operation.pk))


def _record(run: Run, action: AuditAction, outcome: Outcome) -> None:
    wanted = run.operation.parameters
    target = Target(kind="cluster", id=wanted["uuid"], label=wanted["label"])
    details = {name: wanted[name] for name in ("made_at", "term", "generation", "made_on")}
    record_outcome(run, action, outcome, target=target, details=details)


STEPS = (
    Step("prepare", act=prepare),
    Step("take_over", act=lead, commit=take_over, undo_act=stop_leading),
    Step("connect", act=connect, required=False),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.RESTORE,
        steps=STEPS,
        deadline=timedelta(seconds=60),
        on_succeeded=record_success,
        on_failed=record_failure,
    )
)
