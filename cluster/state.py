"""The state document: built from the database, signed by the agent, kept for agents to pull."""

import json
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cluster import claims, freeze, replica
from cluster.errors.leadership import LeadershipMoving
from cluster.models import Cluster, SignedState
from config.celery import send
from nodes import role
from nodes.agent import document, sealing
from nodes.local_agent import get_local_agent
from nodes.models import Node

SCHEMA = 1
KEPT = 20
"""Signed states that stay in the database, for people who look into a fault."""


@transaction.atomic
def bump() -> int:
    """Make a new generation in the transaction of a change of replicated data; returns its number.

    It is signed after the commit. Without a cluster nothing is replicated, and the answer is 0.
    Raises ``LeadershipMoving`` while the cluster is frozen: the same UPDATE decides; and
    ``LeadershipContested`` on a leader in doubt, whoever asks.
    """
    claims.check_uncontested(role.current())
    now = timezone.now()
    changeable = Cluster.objects.filter(freeze.not_frozen(now))
    if not changeable.update(generation=F("generation") + 1, changed_at=now):
        if Cluster.objects.exists():
            raise LeadershipMoving
        return 0
    transaction.on_commit(partial(send, "cluster.tasks.publish_state"))
    return Cluster.objects.values_list("generation", flat=True).get()


def note_change() -> None:
    """``bump`` for those who need not know the number: the apps below, which do not know us."""
    bump()


def publish() -> SignedState | None:
    """Sign what the database holds now, unless that is done; None where this node leads nobody.

    Safe to repeat and to race: the agent signs one document a generation, and never an older one.
    Raises ``AgentUnavailable`` or ``AgentRefused``.
    """
    if not role.current().is_leader:
        return None
    signed = find_signed()
    return signed or store(get_local_agent().sign(read_document()))


def find_signed() -> SignedState | None:
    """The signed state of the present generation, if it was signed already."""
    current = Cluster.objects.values("term", "generation")
    return SignedState.objects.filter(
        term__in=current.values("term"), generation__in=current.values("generation")
    ).first()


@transaction.atomic
def read_document() -> dict[str, Any]:
    """The document of one generation: the lock keeps every change of it out meanwhile."""
    return build_document(Cluster.objects.select_for_update().get())


def build_document(cluster: Cluster) -> dict[str, Any]:
    """What all nodes shall know, and, sealed, what only eligible nodes may."""
    nodes = list(Node.objects.members().order_by("id"))
    return build_open_part(cluster, nodes) | {"sealed": _seal(nodes)}


def build_open_part(cluster: Cluster, nodes: list[Node]) -> dict[str, Any]:
    """The document without what is sealed."""
    return {
        "schema": SCHEMA,
        "cluster": {
            "uuid": str(cluster.uuid),
            "label": cluster.label,
            "vpn_network": cluster.vpn_network,
            "max_nodes": cluster.max_nodes,
            "recovery_key": cluster.recovery_key,
        },
        "term": cluster.term,
        "generation": cluster.generation,
        "leader": next(node.id for node in nodes if node.role == Node.Role.LEADER),
        "issued_at": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "nodes": [_describe(node) for node in nodes],
        "routes": [],
        "handover": cluster.handover,
        "built_on": _describe_origin(cluster.built_on),
        "sealed": None,
    }


def _describe_origin(built_on: dict[str, Any] | None) -> dict[str, int] | None:
    """The state that the term began with; the rest is this leader's own affair."""
    return built_on and {name: built_on[name] for name in ("term", "generation")}


def _describe(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "fqdn": node.fqdn,
        "label": node.label,
        "vpn_address": node.vpn_address,
        "wireguard_key": node.wireguard_key,
        "identity_key": node.identity_key,
        "sealing_key": node.sealing_key,
        "endpoint": node.endpoint,
        "console_url": node.console_url,
        "tls_fingerprint": node.tls_fingerprint,
        "eligible": node.eligible,
        "status": str(node.state),
    }


def _seal(nodes: list[Node]) -> str | None:
    """For active eligible nodes only: a node that is still joining has not earned it yet."""
    readers = [n.sealing_key for n in nodes if n.eligible and n.state == Node.State.ACTIVE]
    if not readers:
        return None
    return sealing.seal(json.dumps(replica.export()).encode(), recipients=readers)


def store(jws: str) -> SignedState:
    """Keep a signed state for agents to pull."""
    signed_document = document.read_unverified(jws)
    signed, _ = SignedState.objects.get_or_create(
        term=signed_document["term"],
        generation=signed_document["generation"],
        defaults={"jws": jws},
    )
    stale = SignedState.objects.order_by("-term", "-generation").values("pk")[KEPT:]
    SignedState.objects.filter(pk__in=list(stale.values_list("pk", flat=True))).delete()
    return signed
