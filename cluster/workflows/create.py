"""Creating the cluster: this machine becomes its leader, or stays what it was."""

import uuid
from datetime import timedelta
from ipaddress import IPv4Network

from audit.actions import AuditAction
from audit.actor import Target
from audit.models import Outcome
from cluster import identity, state
from cluster.errors import ClusterAlreadySet, VpnNotUp
from cluster.models import Cluster, JoinCode, Operation, SignedState
from cluster.networks import lowest_free_address
from cluster.workflows.outcome import record_outcome
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, StepFailed, Wait, Workflow
from config.version import VERSION
from nodes.errors import HostnameError
from nodes.local_agent import AgentStatus, get_local_agent
from nodes.models import Contact, Node
from nodes.names import parse_fqdn
from nodes.role import Role

LEADER_ID = 1
VPN_PATIENCE = timedelta(seconds=10)
"""How long an interface that failed may yet come up."""


def prepare(run: Run) -> None:
    """Make sure that the agent runs and this machine is free, and learn its keys."""
    status = get_local_agent().status()
    if _is_free(status):
        _forget_unconfirmed_join(status)
    elif status["cluster"] != run.operation.parameters["uuid"] or Cluster.objects.exists():
        raise ClusterAlreadySet(cluster=status["cluster"])
    run.data |= {
        "keys": dict(status["keys"]),
        "fqdn": status["fqdn"],
        "distribution": status["distribution"],
    }
    _note_name(run, status["fqdn"])


def _note_name(run: Run, fqdn: str) -> None:
    """A cluster of one needs no proper name (S2); the workers that come later will."""
    try:
        parse_fqdn(fqdn)
    except HostnameError as error:
        run.note(f"This machine is called {fqdn}. {error.detail} Set FLOTILLA_FQDN.")


def _is_free(status: AgentStatus) -> bool:
    return status["role"] == Role.UNINITIALISED


def _forget_unconfirmed_join(status: AgentStatus) -> None:
    """A leader that never answered does not bind this machine for ever."""
    if status["joining"] is not None:
        get_local_agent().leave(reason="Another cluster was created instead.", force=True)


def found(run: Run) -> None:
    """Write the cluster and its first node."""
    wanted = run.operation.parameters
    Cluster.objects.create(
        uuid=uuid.UUID(wanted["uuid"]),
        label=wanted["label"],
        vpn_network=wanted["vpn_network"],
        max_nodes=wanted["max_nodes"],
        recovery_key=wanted["recovery_key"],
        next_node_id=LEADER_ID + 1,
    )
    run.operation.node = Node.objects.create(
        id=LEADER_ID,
        state=Node.State.ACTIVE,
        role=Node.Role.LEADER,
        fqdn=run.data["fqdn"],
        vpn_address=lowest_free_address(IPv4Network(wanted["vpn_network"]), taken=[]),
        endpoint=wanted["endpoint"],
        console_url=identity.console_url(run.data["fqdn"]),
        tls_fingerprint=identity.tls_fingerprint(),
        version=VERSION,
        distribution=run.data["distribution"],
        joined_at=run.now,
        **run.data["keys"],
    )
    Contact.objects.create(node=run.operation.node)


def unfound(run: Run) -> None:
    """Leave nothing in the database."""
    run.operation.node = None
    for model in (JoinCode, SignedState, Node, Cluster):
        model.objects.all().delete()


def lead(run: Run) -> None:
    """Have the agent sign the first state: from here on this machine is the leader."""
    run.data["jws"] = get_local_agent().lead(state.read_document())


def keep_state(run: Run) -> None:
    """Keep the signed state for agents to pull."""
    state.store(run.data.pop("jws"))


def stop_leading(run: Run) -> None:
    """Have the agent forget the cluster."""
    reason = run.operation.error_detail or "The creation of the cluster was cancelled."
    get_local_agent().leave(reason=reason, force=True)


def connect(run: Run) -> None:
    """Wait for the VPN, where this machine can have one, and for the agent's first sync."""
    vpn = get_local_agent().status()["vpn"]
    if vpn["state"] not in ("up", "off"):
        _wait_for_vpn(run, reason=vpn["reason"] or "it is being set up")
    if not Contact.objects.filter(node_id=LEADER_ID, last_contact__isnull=False).exists():
        raise Wait(0.3, "Waiting for this machine's own agent to report.")
    if vpn["state"] == "off":
        run.note(vpn["reason"] or "The VPN is off.")


def _wait_for_vpn(run: Run, *, reason: str) -> None:
    started = run.row.started_at or run.now
    if run.now - started > VPN_PATIENCE:
        raise StepFailed(VpnNotUp(reason=reason))
    raise Wait(0.2, f"Waiting for the VPN: {reason}")


def record_success(run: Run) -> None:
    _record(run, AuditAction.CLUSTER_CREATED, Outcome.OK)


def record_failure(run: Run) -> None:
    _record(run, AuditAction.CLUSTER_CREATION_FAILED, Outcome.FAILED)


def _record(run: Run, action: AuditAction, outcome: Outcome) -> None:
    wanted = run.operation.parameters
    target = Target(kind="cluster", id=wanted["uuid"], label=wanted["label"])
    record_outcome(run, action, outcome, target=target)


STEPS = (
    Step("prepare", act=prepare),
    Step("found", commit=found, undo_commit=unfound),
    Step("lead", act=lead, commit=keep_state, undo_act=stop_leading),
    Step("connect", act=connect),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.CREATE,
        steps=STEPS,
        deadline=timedelta(seconds=60),
        on_succeeded=record_success,
        on_failed=record_failure,
        retryable=True,
    )
)
