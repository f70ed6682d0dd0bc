"""A node joins, on the leader: it is a member when it has proved that it holds the state."""

from datetime import timedelta

from audit.actions import AuditAction
from audit.models import Outcome
from cluster import join_warnings, resolver, state
from cluster.join_warnings import JoinWarning
from cluster.models import JoinCode, Operation
from cluster.workflows.outcome import node_target, record_outcome
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, Wait, Workflow
from nodes.local_agent import get_local_agent
from nodes.models import Contact, Node

POLL = 0.5
"""Seconds between two looks; the node's sync wakes the operation earlier."""


def reserve(run: Run) -> None:
    """What the enrolment reserved is there; say what people should know about it."""
    warnings = list(run.operation.parameters["warnings"])
    fqdn = run.operation.parameters["fqdn"]
    _add(warnings, join_warnings.of_name(fqdn, resolves=resolver.resolves(fqdn)))
    run.data["warnings"] = warnings
    run.note(join_warnings.sentences(warnings))


def _add(warnings: list[dict[str, str]], more: list[JoinWarning]) -> None:
    warnings.extend(warning.as_json() for warning in more)


def admit(run: Run) -> None:
    """Have the leader's own agent let the node into the VPN."""
    state.publish()
    applied = get_local_agent().reconcile()
    if applied["applied_generation"] < run.operation.parameters["generation"]:
        reason = applied["vpn"]["reason"] or "not yet"
        raise Wait(POLL, f"Waiting for this machine's VPN to know the new node: {reason}")


def connect(run: Run) -> None:
    """Wait for the node's first sync through the VPN; by any path where the VPN cannot be."""
    contact = _contact(run)
    if contact.last_contact is None:
        raise Wait(POLL, "Waiting for the new node's first call.")
    is_vpn = contact.path == Contact.Path.VPN
    if not is_vpn and not _is_vpn_off(contact):
        raise Wait(
            POLL,
            "The node calls by the public address, but not through the VPN yet. "
            "Is the VPN's UDP port open on the way to the leader?",
        )
    warnings = join_warnings.of_path(is_vpn=is_vpn)
    _add(run.data["warnings"], warnings)
    run.note(" ".join(warning.detail for warning in warnings))


def _is_vpn_off(contact: Contact) -> bool:
    """On either side: as the node reports with its health, or as the leader's agent says."""
    reported = contact.health.get("vpn")
    state_there = reported.get("state") if isinstance(reported, dict) else reported
    return state_there == "off" or get_local_agent().status()["vpn"]["state"] == "off"


def replicate(run: Run) -> None:
    """Wait until the node holds a state that lists it."""
    if _contact(run).generation < run.operation.parameters["generation"]:
        raise Wait(POLL, "Waiting for the new node to hold the cluster's state.")


def _contact(run: Run) -> Contact:
    return Contact.objects.get(node_id=run.operation.parameters["node_id"])


def activate(run: Run) -> None:
    """From here on it is a member."""
    node = Node.objects.get(pk=run.operation.parameters["node_id"])
    node.transition_to(Node.State.ACTIVE)
    Node.objects.filter(pk=node.pk).update(joined_at=run.now)
    state.bump()


def record_success(run: Run) -> None:
    _record(run, AuditAction.NODE_JOINED, Outcome.OK)


def release(run: Run) -> None:
    """Give the address and the code back; the id is spent.

    At the operation's end and not as the undoing of a step: the place was reserved with the
    request, and must be given back also where no step was ever begun.
    """
    node_id = run.operation.parameters["node_id"]
    JoinCode.objects.filter(node_id=node_id).update(used_by="", used_at=None, node=None)
    Node.objects.filter(pk=node_id, state=Node.State.JOINING).delete()
    state.bump()
    _record(run, AuditAction.NODE_JOIN_FAILED, Outcome.FAILED)


def _record(run: Run, action: AuditAction, outcome: Outcome) -> None:
    details = {"warnings": run.data.get("warnings", [])}
    record_outcome(run, action, outcome, target=node_target(run), details=details)


STEPS = (
    Step("reserve", act=reserve),
    Step("admit", act=admit),
    Step("connect", act=connect, deadline=timedelta(seconds=45)),
    Step("replicate", act=replicate),
    Step("activate", commit=activate, point_of_no_return=True),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.JOIN,
        steps=STEPS,
        deadline=timedelta(seconds=60),
        on_succeeded=record_success,
        on_failed=release,
    )
)
