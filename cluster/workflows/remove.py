"""A node is removed: nobody listens to it any more, and it is told so (S20 to S22)."""

from collections.abc import Iterable
from datetime import timedelta

from audit.actions import AuditAction
from audit.models import Outcome
from cluster import leftovers, state
from cluster.applications_digest import digest_of
from cluster.errors import NodeNotReachable
from cluster.errors.leaving import ApplicationsChanged
from cluster.models import Cluster, Operation
from cluster.workflows.outcome import node_target, record_outcome
from cluster.workflows.registry import register
from cluster.workflows.steps import Run, Step, StepFailed, Wait, Workflow
from nodes.local_agent import AgentRefused, get_local_agent
from nodes.models import Application, Command, Contact, Node

POLL = 0.5
"""Seconds between two looks; a node's sync wakes the operation earlier."""


def revoke(run: Run) -> None:
    """From here on the node's key, tokens and queue are worth nothing (S20)."""
    node = _node(run)
    if node.state != Node.State.REMOVING:
        _check_unchanged(node, digest=run.operation.parameters["digest"])
        node.transition_to(Node.State.REMOVING)
    Command.objects.filter(node=node).delete()
    run.data["generation"] = state.bump()
    run.data["term"] = Cluster.objects.get().term


def _check_unchanged(node: Node, *, digest: str) -> None:
    """What was confirmed may be another list by now, such as one with an account provider."""
    if digest_of(node, Application.objects.filter(node=node)) != digest:
        raise ApplicationsChanged(node=node)


def drop_peer(run: Run) -> None:
    """Have this machine's VPN forget it first, because every packet goes through it; then wait for
    all who can be reached.
    """
    _forget_here()
    others = list(_others(run))
    awaited = [node for node in others if _is_online(node) and not _has_applied(node, run)]
    if awaited:
        raise Wait(POLL, f"Waiting for {_names(awaited)} to forget the node.")
    offline = [node for node in others if not _has_applied(node, run)]
    if offline:
        run.note(f"Offline, and told when they return: {_names(offline)}.")


def _forget_here() -> None:
    try:
        signed = state.publish()
    except AgentRefused as refused:  # a newer state was signed meanwhile
        raise Wait(POLL, refused.detail) from None
    applied = get_local_agent().reconcile()
    if signed is None or applied["applied_generation"] < signed.generation:
        reason = applied["vpn"]["reason"] or "not yet"
        raise Wait(POLL, f"Waiting for this machine's VPN to forget the node: {reason}")


def tell(run: Run) -> None:
    """Wait until the node has confirmed that it knows; it asks, and is answered with a farewell."""
    if Contact.objects.filter(node_id=_node_id(run), farewell_at__isnull=False).exists():
        return
    if not run.operation.parameters["reachable"]:
        advice = "It learns of its removal when it calls again."
        raise StepFailed(NodeNotReachable(node=f"node{_node_id(run)}", advice=advice))
    raise Wait(POLL, "The node has not confirmed it yet; it learns of it when it calls again.")


def archive(run: Run) -> None:
    """Its address is free, its id is spent; its key stays, so that it can be told for ever."""
    node = _node(run)
    node.transition_to(Node.State.REMOVED)
    Node.objects.filter(pk=node.pk).update(vpn_address=None)
    Application.objects.filter(node=node).delete()
    Command.objects.filter(node=node).delete()
    leftovers.note_leftovers(node, run.operation.parameters)
    state.bump()


def _node_id(run: Run) -> int:
    return int(run.operation.parameters["node_id"])


def _node(run: Run) -> Node:
    return Node.objects.get(pk=_node_id(run))


def _others(run: Run) -> Iterable[Node]:
    """Workers; this machine has forgotten the node already."""
    workers = Node.objects.filter(state=Node.State.ACTIVE, role=Node.Role.WORKER)
    return workers.exclude(pk=_node_id(run)).select_related("contact")


def _is_online(node: Node) -> bool:
    return node.status == Node.Status.ONLINE


def _has_applied(node: Node, run: Run) -> bool:
    """Under another leader the generations are others, and all of them without the node."""
    contact: Contact = node.contact
    term, generation = int(run.data["term"]), int(run.data["generation"])
    if contact.term != term:
        return contact.term > term
    return contact.applied_generation >= generation


def _names(nodes: Iterable[Node]) -> str:
    return ", ".join(f"node{node.pk}" for node in nodes)


def record_success(run: Run) -> None:
    _record(run, AuditAction.NODE_REMOVED, Outcome.OK)


def record_failure(run: Run) -> None:
    _record(run, AuditAction.NODE_REMOVAL_FAILED, Outcome.FAILED)


def _record(run: Run, action: AuditAction, outcome: Outcome) -> None:
    wanted = run.operation.parameters
    details = {"applications": wanted["applications"], "providers": wanted["providers"]}
    record_outcome(run, action, outcome, target=node_target(run), details=details)


STEPS = (
    Step("revoke", commit=revoke, point_of_no_return=True),
    Step("drop_peer", act=drop_peer, deadline=timedelta(seconds=15), required=False),
    Step("tell", act=tell, deadline=timedelta(seconds=10), required=False),
    Step("archive", commit=archive),
)

WORKFLOW = register(
    Workflow(
        kind=Operation.Kind.REMOVE,
        steps=STEPS,
        deadline=timedelta(seconds=60),
        on_succeeded=record_success,
        on_failed=record_failure,
    )
)
