"""Sync, on the leader: a node says what it holds and how it is, and gets what is new for it."""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from cluster.errors import ClockSkew, ClusterAuthError, NodeWithdrawn, TokenReplayed
from cluster.models import Operation, SignedState
from cluster.services import operations
from cluster.watch import Marker, read_marker, watch
from nodes.agent import tokens
from nodes.agent.errors import TokenInvalid, TokenOutsideItsTime
from nodes.agent.tokens import Claims
from nodes.models import Command, Contact, Node
from nodes.services.commands import acknowledge_command, list_open_commands

CALLS_PER_SECOND = 60
"""What the whole cluster may ask at rest: the more nodes, the longer each waits."""
SHORTEST_WAIT = 2.0
JOINING_WAIT = 0.2
LONGEST_WAIT = 5.0
"""Below the time after which a silent node is shown offline, with room for one lost call."""


@dataclass(frozen=True, slots=True)
class SyncMessage:
    """What a node says; ``facts`` only when the leader asked for them or they have changed."""

    term: int
    generation: int
    applied_generation: int
    facts: dict[str, Any] | None
    facts_digest: str
    health: dict[str, Any]
    results: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SyncReply:
    """What is new for the node, and in how many seconds it shall ask again."""

    state: str | None
    commands: tuple[Command, ...]
    wait: float
    facts_wanted: bool


def authenticate(token: str, *, cluster: str) -> tuple[Node, Claims]:
    """The node that signed this token for this cluster, now.

    Raises ``ClusterAuthError``, ``ClockSkew``, and ``NodeWithdrawn`` for a number that no member
    has: that is how a node learns that it is none any more.
    """
    now = timezone.now().timestamp()
    try:
        claimed = tokens.read_unverified(token)
        node = _find_member(claimed.issuer)
        if node is None:
            raise NodeWithdrawn(node=claimed.issuer, reason=_reason_for(claimed, token))
        return node, tokens.verify(token, key=node.identity_key, audience=cluster, now=now)
    except TokenInvalid:
        raise ClusterAuthError from None
    except TokenOutsideItsTime:
        raise ClockSkew(seconds=round(abs(now - claimed.issued_at))) from None


def _find_member(issuer: str) -> Node | None:
    if not issuer.isascii() or not issuer.isdigit() or len(issuer) > 9:
        raise TokenInvalid
    return Node.objects.members().for_sync().filter(pk=int(issuer)).first()


def _reason_for(claimed: Claims, token: str) -> str:
    """Why its join was undone: for the machine itself only, which holds the key it came with."""
    join = Operation.objects.filter(
        kind=Operation.Kind.JOIN,
        parameters__node_id=int(claimed.issuer),
        parameters__identity_key=claimed.key,
    ).first()
    if join is None:
        return ""
    tokens.verify(token, key=claimed.key, audience=claimed.audience, now=claimed.issued_at)
    return join.error_detail


def sync(node: Node, message: SyncMessage, *, claims: Claims, source: str | None) -> SyncReply:
    """Note what the node says and answer; the call is held while there is nothing to say.

    Raises ``TokenReplayed`` when this token, or a newer one, was used before.
    """
    facts_wanted = _note(node, message, claims=claims, source=source)
    for result in message.results:
        acknowledge_command(node.pk, command_id=result["id"], ok=result["ok"], data=result["data"])
    _wake_operation(node, message, source=source)
    if node.state == Node.State.JOINING and path_of(node, source) != Contact.Path.VPN:
        patience = 0.0  # its next call may come through the VPN, which the join waits for
    else:
        patience = settings.AGENT_HOLD_SECONDS
    return _await_news(node, message, facts_wanted=facts_wanted, patience=patience)


def _note(node: Node, message: SyncMessage, *, claims: Claims, source: str | None) -> bool:
    """One guarded UPDATE: the replay check and all that the node says. Are its facts wanted?"""
    values: dict[str, Any] = {
        "token_at": claims.issued_at_us,
        "last_contact": timezone.now(),
        "path": path_of(node, source),
        "source": source,
        "term": message.term,
        "generation": message.generation,
        "applied_generation": message.applied_generation,
        "health": message.health,
    }
    if message.facts is not None:
        values |= {"facts": message.facts, "facts_digest": message.facts_digest}
    unused = Contact.objects.filter(node_id=node.pk, token_at__lt=claims.issued_at_us)
    if not unused.update(**values):
        raise TokenReplayed
    if message.facts is not None:
        _note_versions(node, message.facts)
    return message.facts is None and message.facts_digest != node.contact.facts_digest


def path_of(node: Node, source: str | None) -> Contact.Path:
    """The leader decides: through the VPN, if the peer has the node's own address there."""
    return Contact.Path.VPN if source == node.vpn_address else Contact.Path.PUBLIC


def _note_versions(node: Node, facts: dict[str, Any]) -> None:
    """What the list of nodes shows; an upgrade of the node shows with its next facts."""
    told = {
        name: str(facts.get(name) or getattr(node, name)) for name in ("version", "distribution")
    }
    if any(getattr(node, name) != value for name, value in told.items()):
        lengths = {"version": 32, "distribution": 100}
        Node.objects.filter(pk=node.pk).update(
            **{name: value[: lengths[name]] for name, value in told.items()}
        )


def _wake_operation(node: Node, message: SyncMessage, *, source: str | None) -> None:
    """A join, or the creation, may be waiting for just this."""
    before = node.contact
    known = (before.path, before.generation, before.last_contact is not None)
    if known == (path_of(node, source), message.generation, True):
        return
    if node.state == Node.State.JOINING or node.role == Node.Role.LEADER:
        for operation_id in Operation.objects.open().values_list("pk", flat=True):
            operations.poke(operation_id)


def _await_news(
    node: Node, message: SyncMessage, *, facts_wanted: bool, patience: float
) -> SyncReply:
    until = time.monotonic() + patience
    marker = read_marker()
    while True:
        state = _find_newer_state(message, marker)
        commands = _find_commands(node, marker)
        if state or commands or facts_wanted:
            return SyncReply(state, commands, wait=0, facts_wanted=facts_wanted)
        if not patience:
            return SyncReply(None, (), wait=JOINING_WAIT, facts_wanted=False)
        if not watch.wait(seen=marker, until=until):
            return SyncReply(None, (), wait=_pause(), facts_wanted=False)
        if time.monotonic() >= until:
            return SyncReply(None, (), wait=0, facts_wanted=False)
        marker = read_marker()


def _find_commands(node: Node, marker: Marker) -> tuple[Command, ...]:
    if not marker.command:
        return ()
    return tuple(list_open_commands(node.pk, now=timezone.now()))


def _find_newer_state(message: SyncMessage, marker: Marker) -> str | None:
    if (marker.term, marker.generation) <= (message.term, message.generation):
        return None
    return SignedState.objects.values_list("jws", flat=True).first()


def _pause() -> float:
    """Seconds until the next call, so that what the leader spends does not grow with its nodes."""
    share = Node.objects.members().count() / CALLS_PER_SECOND
    return min(max(SHORTEST_WAIT, share), LONGEST_WAIT)
