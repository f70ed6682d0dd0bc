"""What a removed node is told, now and whenever it calls again, and its confirmation (S20)."""

from django.db import transaction
from django.utils import timezone

from cluster.errors.joining import TokenReplayed
from cluster.errors.leaving import NodeRemoved
from cluster.models import Cluster
from cluster.services import operations
from nodes.agent.tokens import Claims
from nodes.errors import NodeStateConflict
from nodes.local_agent import AgentRefused, AgentUnavailable, get_local_agent
from nodes.models import Contact, Node
from nodes.services.callers import Caller, find_caller


def check_stays(caller: Caller) -> None:
    """Raises ``NodeRemoved`` if the node was removed while its call was held."""
    present = find_caller(caller.id)
    if present is None or present.is_removed:
        raise refusal(caller)


def refusal(caller: Caller) -> NodeRemoved:
    """The answer to a removed node: the leader's signed word, and by what right it leads."""
    handover = Cluster.objects.values_list("handover", flat=True).first()
    return NodeRemoved(node=caller.id, members={"farewell": _sign(caller), "handover": handover})


def note_confirmation(caller: Caller, *, claims: Claims) -> None:
    """The node knows that it was removed.

    Raises ``NodeStateConflict`` for one that was not, ``TokenReplayed``.
    """
    if not caller.is_removed:
        raise NodeStateConflict(
            node=f"node{caller.id}", state=caller.state, target=Node.State.REMOVED
        )
    with transaction.atomic():
        unused = Contact.objects.filter(node_id=caller.id, token_at__lt=claims.issued_at_us)
        if not unused.update(token_at=claims.issued_at_us, farewell_at=timezone.now()):
            raise TokenReplayed
    operations.poke_removal()


def _sign(caller: Caller) -> str | None:
    """None while the agent does not answer: the node stays out, and learns why another time."""
    try:
        return get_local_agent().farewell(node_id=caller.id, identity_key=caller.identity_key)
    except (AgentUnavailable, AgentRefused):
        return None
