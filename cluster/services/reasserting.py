"""Staying the leader, in spite of some who follow another (design section 4)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import head, record
from cluster import state
from cluster.errors.leadership import NodeIsAlreadyLeader, NotAMember
from cluster.models import Cluster
from cluster.services.switching import Switched, switched
from nodes import role
from nodes.local_agent import get_local_agent

Json = Mapping[str, Any]


def reassert(*, actor: Actor) -> Switched:
    """Go on leading in spite of those who follow another: with a term above theirs.

    Raises ``NodeIsAlreadyLeader`` where nobody says so, and ``NotAMember``.
    """
    present = role.current()
    if not present.is_leader:
        raise NotAMember(advice="Only a leader confirms that it leads.")
    if not present.is_contested:
        raise NodeIsAlreadyLeader(node=f"node{present.node_id}")
    agent = get_local_agent()
    answer = agent.reassert(above=max(int(claim["term"]) for claim in present.contested))
    _begin_term(answer["term"], answer["handover"], claims=present.contested, actor=actor)
    return switched(state.store(agent.lead(state.read_document())))


@transaction.atomic
def _begin_term(term: int, handover: Json, *, claims: tuple[Json, ...], actor: Actor) -> None:
    """Once; a crash before the agent has signed for the term is repeated from here."""
    cluster = Cluster.objects.select_for_update().get()
    if cluster.term >= term:
        return
    Cluster.objects.update(
        term=term,
        generation=cluster.generation + 1,
        handover=handover,
        built_on=_position(cluster),
        changed_at=timezone.now(),
    )
    record(
        AuditAction.LEADERSHIP_REASSERTED,
        actor=actor,
        target=cluster.audit_target,
        details={"term": term, "against": [dict(claim) for claim in claims]},
    )


def _position(cluster: Cluster) -> Json:
    """Where the term that ends has come to, as a takeover says it."""
    return {
        "term": cluster.term,
        "generation": cluster.generation,
        "leader": role.current().node_id,
        "audit": dict(head()),
    }
