"""Taking over: this node's database becomes what the cluster's last state says, with this node as
its leader (S26, S38, S40).

Everything here can be repeated: nothing is believed of a takeover but what the agent has signed.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.actor import Actor
from cluster import state
from cluster.accession import record_taken
from cluster.errors.leadership import (
    NodeIsAlreadyLeader,
    SealedPartUnreadable,
    StateNotHeld,
    TakeoverNotPrepared,
)
from cluster.inheritance import inherit
from cluster.models import Cluster, Operation, SignedState
from cluster.replica import SCHEMA
from cluster.restore import replace_rows, restore_cluster
from cluster.services import operations
from cluster.services.queries import get_leader, require_cluster
from cluster.workflows.failpoints import failpoint
from cluster.workflows.steps import actor_of
from nodes import role
from nodes.agent import document as documents
from nodes.local_agent import get_local_agent

Json = Mapping[str, Any]


@transaction.atomic
def import_state(
    *,
    document: Json,
    sealed: Json,
    term: int,
    handover: Json | None,
    endpoint: str | None,
    actor: Actor,
    reason: str,
) -> dict[str, Any]:
    """Replace what this database says of the cluster by ``document`` and its opened ``sealed``
    part; returns the document of the new term, for this node's agent to sign.

    Safe to repeat until the agent leads; then it raises ``NodeIsAlreadyLeader``.
    """
    _replace(document, sealed, term=term, handover=handover, endpoint=endpoint)
    made = state.read_document()
    record_taken(actor=actor, reason=reason)
    return made


def open_held_state() -> tuple[dict[str, Any], dict[str, Any]]:
    """The state that this node's agent holds, and its sealed part.

    Raises ``SealedPartUnreadable``, ``AgentUnavailable``, and ``AgentRefused`` on a node that is
    not eligible.
    """
    held = get_local_agent().open_state()
    document, sealed = documents.read_unverified(held["jws"]), json.loads(held["plaintext"])
    if sealed.get("schema") != SCHEMA:
        raise SealedPartUnreadable(problem=f"its schema is {sealed.get('schema')}")
    made_of = sealed.get("of") or _position(document)
    if made_of != _position(document):  # a newer state came between the two
        raise StateNotHeld(held=_in_words(document), wanted=_in_words(made_of))
    return document, sealed


def prepare(*, term: int, generation: int) -> None:
    """Import the leader's last state, so that leading is one signature away; still a worker.

    Raises ``StateNotHeld`` while this node does not hold just that state.
    """
    wanted = {"term": term, "generation": generation}
    document, sealed = open_held_state()
    if _position(document) != wanted:
        raise StateNotHeld(held=_in_words(document), wanted=_in_words(wanted))
    if not _is_prepared(document):
        with transaction.atomic():
            _replace(document, sealed, term=term + 1, handover=None, endpoint=None)
            state.read_document()  # what leading needs is loaded, and known to work


def lead(*, handover: Json, generation: int) -> str:
    """Lead the term that the last leader hands over; returns its first state, signed.

    The same each time that it is asked. Raises ``TakeoverNotPrepared`` unless ``prepare`` came
    before, with the state of that ``generation``; the agent's refusals if the handover is not good.
    """
    if role.current().is_leader:
        return _lead_on(handover)
    document = _begin(handover, generation=generation)
    failpoint("takeover.lead.before")
    jws = get_local_agent().lead(document)
    failpoint("takeover.lead.after")
    _settle_in(jws)
    return jws


@transaction.atomic
def _begin(handover: Json, *, generation: int) -> dict[str, Any]:
    """Keep what proves the leadership before it is taken: every later state must show it."""
    cluster = Cluster.objects.select_for_update().first()
    built_on = cluster and cluster.built_on
    if cluster is None or not built_on or built_on["generation"] != generation:
        raise TakeoverNotPrepared(generation=generation)
    Cluster.objects.update(handover=handover)
    cluster.handover = dict(handover)
    return state.build_document(cluster)


def _lead_on(handover: Json) -> str:
    """The answer was lost, or this node stopped while it gave it."""
    cluster = require_cluster()
    if cluster.handover != handover:
        raise NodeIsAlreadyLeader(node=get_leader())
    first = SignedState.objects.filter(term=cluster.term).order_by("generation").first()
    jws = first.jws if first else get_local_agent().open_state()["jws"]
    _settle_in(jws)
    return jws


def _settle_in(jws: str) -> None:
    """Keep the state for the others to pull, say who leads, and go on with what was begun."""
    operation = Operation.objects.open().filter(kind=Operation.Kind.PROMOTE).first()
    with transaction.atomic():
        state.store(jws)
        if operation is not None:
            operations.poke(operation.pk)
        actor = actor_of(operation) if operation else Actor.system()
        record_taken(actor=actor, reason="handed over")


def _replace(
    document: Json, sealed: Json, *, term: int, handover: Json | None, endpoint: str | None
) -> None:
    present = role.current()
    leader_id = present.node_id or 0
    if present.is_leader:  # whoever asks: what a leader holds is the cluster's
        raise NodeIsAlreadyLeader(node=f"node{leader_id}")
    replace_rows(document, sealed, leader_id=leader_id, endpoint=endpoint)
    restore_cluster(document, sealed, term=term, handover=handover)
    inherit(sealed["operations"], leader=get_leader())


def _is_prepared(document: Json) -> bool:
    """Whether the database is what ``prepare`` made of this state."""
    cluster = Cluster.objects.filter(
        uuid=document["cluster"]["uuid"], handover__isnull=True
    ).first()
    if cluster is None or not cluster.built_on or cluster.term != document["term"] + 1:
        return False
    return _position(cluster.built_on) == _position(document)


def _position(document: Json) -> dict[str, int]:
    return {"term": document["term"], "generation": document["generation"]}


def _in_words(position: Json) -> str:
    return f"{position['term']}.{position['generation']}"
