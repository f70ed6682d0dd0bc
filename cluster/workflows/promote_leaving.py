"""The promotion on the leader that ends leading: everything up to the handing over.

Until the agent has signed the handover all of it is undone by thawing. From then on this node
signs nothing more, and only makes sure that the next leader knows.
"""

from collections.abc import Iterable
from datetime import timedelta

from cluster import freeze, preflight, state
from cluster.errors import EndpointNotReachable
from cluster.errors.leadership import LeaderLost
from cluster.models import Cluster
from cluster.workflows import promote_calls as calls
from cluster.workflows.promote_calls import POLL
from cluster.workflows.steps import Run, StepFailed, Wait
from nodes.local_agent import AgentStatus, get_local_agent
from nodes.models import Contact, Node
from nodes.role import Role

PATIENCE = timedelta(hours=1)
"""How long the next leader is told that it leads, when it is away at that very moment."""
SETTLING = timedelta(seconds=3)
"""How long the nodes may take to use a new endpoint before they are asked whether it works."""


def announce(run: Run) -> None:
    """Have every node expect the candidate at the endpoint that it will lead from (S34)."""
    node, wanted = candidate(run), run.operation.parameters["endpoint"]
    if node.endpoint != wanted:
        run.data["endpoint_before"] = node.endpoint
        Node.objects.filter(pk=node.pk).update(endpoint=wanted)
        run.data["announced"] = state.bump()


def unannounce(run: Run) -> None:
    """Give the candidate its endpoint back, unless somebody has given it a third one meanwhile."""
    before, wanted = run.data.pop("endpoint_before", None), run.operation.parameters
    if before is not None:
        announced = Node.objects.filter(pk=wanted["node_id"], endpoint=wanted["endpoint"])
        if announced.update(endpoint=before):
            state.bump()


def check_connections(run: Run) -> None:
    """Have every node look at the candidate, and go on only if all of them reach it (S24, S36)."""
    if not run.operation.parameters["check_connectivity"]:
        run.note("Not checked: the administrator has said so.")
        return
    node = candidate(run)
    if "asked" not in run.data:
        _await_announcement(run)
        run.data["asked"] = preflight.ask(node)
    found = preflight.read(node, run.data["asked"])
    if found is None:
        raise Wait(POLL, "Waiting for every node to look at the next leader.")
    if not found.ok:
        raise StepFailed(EndpointNotReachable(failures=_sentences(found.failures)))
    run.note(_sentences(found.warnings))


def _sentences(checks: Iterable[preflight.Check]) -> str:
    """Each names its node itself."""
    return " ".join(check.detail for check in checks)


def _await_announcement(run: Run) -> None:
    announced = run.data.get("announced", 0)
    behind = Contact.objects.filter(
        node__state=Node.State.ACTIVE,
        last_contact__gt=run.now - timedelta(seconds=5),
        applied_generation__lt=announced,
    )
    is_patient = run.now - (run.row.started_at or run.now) < SETTLING
    if is_patient and behind.exists():
        raise Wait(POLL, "Waiting for the nodes to use the new endpoint.")


def begin_freeze(run: Run) -> None:
    """From here on nothing replicated changes: what is true now is what the next leader gets."""
    freeze.hold()


def end_freeze(run: Run) -> None:
    freeze.thaw()


def await_final_state(run: Run) -> None:
    """Wait until the candidate holds the state of the freeze."""
    cluster = _publish_final_state()
    held = Contact.objects.filter(
        node_id=run.operation.parameters["node_id"],
        term=cluster.term,
        generation__gte=cluster.generation,
    )
    if not held.exists():
        raise Wait(POLL, "Waiting for the next leader to hold the last state.")


def prepare(run: Run) -> None:
    """Have the candidate import the state, so that leading is one signature away."""
    cluster = _publish_final_state()
    place = [cluster.term, cluster.generation]
    if run.data.get("prepared") != place:
        term, generation = place
        calls.ask_to_prepare(run, candidate(run), term=term, generation=generation)
        run.data["prepared"] = place


def _publish_final_state() -> Cluster:
    """Renew the freeze; if it had ended meanwhile, this is a new last state."""
    freeze.hold()
    if state.publish() is None:
        raise StepFailed(LeaderLost(leader="another node"))
    return Cluster.objects.get()


def hand_over(run: Run) -> None:
    """Sign the next term away, and have the candidate lead it: the point of no return.

    The connection is open before the handover is signed, because nobody leads between the two.
    """
    node, status = candidate(run), get_local_agent().status()
    is_signed = _is_handed_over(status, node)
    if is_signed:
        freeze.hold(lasts=PATIENCE)  # of what is not this node's any more
    else:
        prepare(run)
    generation = _held_generation(status) if is_signed else run.data["prepared"][1]
    token = calls.make_token(node)
    with calls.open_line(run, node) as line:
        if not is_signed:
            _check_still_frozen()
            run.pass_no_return(deadline=PATIENCE)
        handover = get_local_agent().hand_over(to=node.pk, generation=generation)
        run.reach("signed")
        body = {"handover": handover, "generation": generation}
        try:
            run.data["jws"] = calls.ask_to_lead(run, line, body, token=token)
        except calls.NotPrepared:
            _prepare_again(run, node, generation=generation)
    run.continue_on(f"node{node.pk}")


def _is_handed_over(status: AgentStatus, node: Node) -> bool:
    given = status["handed_over"]
    return status["role"] == Role.WORKER and given is not None and given["to"] == node.pk


def _held_generation(status: AgentStatus) -> int:
    """What was handed over: the freeze may have ended since, and the database have counted on."""
    held = status["state"]
    return int(held["generation"]) if held else 0


def _check_still_frozen() -> None:
    """A freeze that ended while the candidate was called let somebody change something."""
    if not freeze.hold():
        raise Wait(0, "The freeze had ended; the next leader needs a newer state.")


def _prepare_again(run: Run, node: Node, *, generation: int) -> None:
    """It has lost what it had imported; it still holds the state."""
    term = Cluster.objects.values_list("term", flat=True).get()
    calls.ask_to_prepare(run, node, term=term, generation=generation)
    raise Wait(0, "The next leader had to prepare again.")


def publish_new_term(run: Run) -> None:
    """Have the calls that this node still holds bring the new leader's state.

    Among them is the one of this node's own agent: what it does then to the VPN must not come
    before the answers to the others, which may travel through it.
    """
    state.store(run.data.pop("jws"))


def candidate(run: Run) -> Node:
    """The node that is to lead."""
    return Node.objects.get(pk=run.operation.parameters["node_id"])
