"""Joining a cluster, on the machine that joins: it is a worker, or it is what it was before.

Once its agent has told the leader that it holds the state (the pledge), only the leader decides.
"""

from datetime import timedelta

from audit.actions import AuditAction
from audit.actor import Target
from audit.models import Outcome
from cluster import join_warnings
from cluster.errors.joining import JoinAdmitted, JoinUnconfirmed, JoinWithdrawn
from cluster.models import Operation
from cluster.workflows import enrol_calls
from cluster.workflows.outcome import record_outcome
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, StepFailed, Wait, Workflow
from nodes.local_agent import AgentStatus, get_local_agent
from nodes.role import Role

POLL = 0.3
CONFIRMATION = timedelta(seconds=75)
"""How long the leader may take: longer than its own operation can last."""


def check(run: Run) -> None:
    """Reach the leader, know it by its certificate, compare versions and clocks."""
    get_local_agent().status()  # without the agent nothing below would come to an end
    found = enrol_calls.find_leader(run)
    run.data |= {"url": found.url, "warnings": found.warnings}
    run.note(f"{found.url} {join_warnings.sentences(found.warnings)}".strip())


def enrol(run: Run) -> None:
    """Give the secret for a place in the cluster; the same place each time that it is asked for."""
    status = get_local_agent().status()
    token = get_local_agent().token(audience=run.operation.parameters["cluster"])
    answer = enrol_calls.ask_for_place(run, status=status, token=token)
    run.data |= {"place": answer, "warnings": answer["warnings"]}
    detail = f"This machine is to be node {answer['node_id']}."
    run.note(f"{detail} {join_warnings.sentences(answer['warnings'])}".strip())


def adopt(run: Run) -> None:
    """Have the agent hold the state, bring the VPN up and report to the leader."""
    place = run.data["place"]
    _forget_other_join(get_local_agent().status(), place)
    get_local_agent().adopt(
        jws=place["jws"], node_id=place["node_id"], leader=_pin(place["leader"])
    )


def _pin(leader: dict[str, str]) -> dict[str, str]:
    return {name: leader[name] for name in ("identity_key", "tls_fingerprint", "console_url")}


def _forget_other_join(status: AgentStatus, place: dict[str, object]) -> None:
    """A join that nobody ever confirmed does not bind this machine for ever."""
    joining = status["joining"]
    if joining is None or joining["withdrawn"] is not None:
        return
    if (status["cluster"], joining["node_id"]) != (place["cluster"], place["node_id"]):
        get_local_agent().leave(reason="Another join was begun instead.", force=True)


def keep_place(run: Run) -> None:
    """The agent holds the state now; the operation need not."""
    run.data["place"] = {**run.data["place"], "jws": ""}


def leave(run: Run) -> None:
    """Have the agent forget the cluster, unless only the leader may decide that now."""
    status = get_local_agent().status()
    joining = status["joining"]
    if status["role"] != Role.UNINITIALISED:
        raise JoinAdmitted
    if joining is not None and joining["pledged"] and joining["withdrawn"] is None:
        raise Wait(1, "The leader knows this machine already; waiting for its decision.")
    reason = run.operation.error_detail or "The join was cancelled."
    get_local_agent().leave(reason=reason)


def connect(run: Run) -> None:
    """Wait until the leader admits this machine, or gives the join up."""
    status = get_local_agent().status()
    joining = status["joining"]
    if status["role"] == Role.WORKER:
        _note_vpn(run, status)
    elif joining is None or joining["withdrawn"] is not None:
        raise StepFailed(JoinWithdrawn(reason=status["reason"] or "It does not say why."))
    elif run.now - (run.row.started_at or run.now) > CONFIRMATION:
        raise StepFailed(JoinUnconfirmed())
    else:
        raise Wait(POLL, _describe(status))


def _note_vpn(run: Run, status: AgentStatus) -> None:
    if status["vpn"]["state"] != "up":
        run.note(status["vpn"]["reason"] or "The VPN is still being set up.")


def _describe(status: AgentStatus) -> str:
    last = status["last_sync"]
    if last is not None and not last["ok"]:
        return f"Waiting for the leader: {last['detail']}"
    return "Waiting for the leader to admit this machine."


def finish(run: Run) -> None:
    """This machine is a worker."""
    _record(run, AuditAction.CLUSTER_JOINED, Outcome.OK)


def record_failure(run: Run) -> None:
    _record(run, AuditAction.CLUSTER_JOIN_FAILED, Outcome.FAILED)


def _record(run: Run, action: AuditAction, outcome: Outcome) -> None:
    wanted = run.operation.parameters
    details = {
        "fqdn": wanted["fqdn"],
        "node_id": run.data.get("place", {}).get("node_id"),
        "tls_verify": wanted["tls_verify"],
        "warnings": run.data.get("warnings", []),
    }
    target = Target(kind="cluster", id=wanted["cluster"], label=wanted["urls"][0])
    record_outcome(run, action, outcome, target=target, details=details)


STEPS = (
    Step("check", act=check),
    Step("enrol", act=enrol, deadline=timedelta(seconds=120)),
    Step("adopt", act=adopt, commit=keep_place, undo_act=leave),
    Step("connect", act=connect, deadline=timedelta(seconds=90)),
    Step("finish", commit=finish),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.ENROL,
        steps=STEPS,
        deadline=timedelta(seconds=210),
        on_failed=record_failure,
    )
)
