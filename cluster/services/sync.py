"""Sync, on the leader: a node says what it holds and how it is, and gets what is new for it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cluster.errors.joining import TokenReplayed
from cluster.models import Operation
from cluster.services import farewell, operations, refusals
from cluster.services.deeds import Deed, record_deeds
from cluster.services.news import Held, News, await_news, find_news, pause
from nodes.agent.tokens import Claims
from nodes.models import Contact, Node
from nodes.services.applications import Reported, replace_applications
from nodes.services.callers import Caller
from nodes.services.commands import acknowledge_command

JOINING_WAIT = 0.2
LENGTHS = {"version": 32, "distribution": 100}


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
    deeds: tuple[Deed, ...] = ()
    inventory: tuple[Reported, ...] | None = None
    """Only when it has changed, or the leader asked for it."""
    inventory_digest: str = ""


@dataclass(frozen=True, slots=True)
class SyncReply:
    """The news, and whether the leader lacks the node's facts."""

    news: News
    facts_wanted: bool
    deeds_noted: tuple[str, ...] = ()
    """What root did there, and is in the audit trail now: the node may forget it."""
    silent: tuple[int, ...] | None = None
    """For the leader's own agent alone: active nodes that are not heard from."""
    inventory_wanted: bool = False


def sync(caller: Caller, message: SyncMessage, *, claims: Claims, source: str | None) -> SyncReply:
    """Note what the node says and answer; the call is held while there is nothing to say.

    Raises ``TokenReplayed`` when this token, or a newer one, was used before, and ``NodeRemoved``
    when the node was removed meanwhile.
    """
    path = caller.path_from(source)
    refusal = refusals.find_new(caller, message.health)
    if refusal is None:
        _note(caller, message, claims=claims, source=source)
    else:
        with transaction.atomic():
            _note(caller, message, claims=claims, source=source)
            refusals.record_refusal(caller, refusal, source=source)
    for result in message.results:
        acknowledge_command(
            caller.id, command_id=result["id"], ok=result["ok"], data=result["data"]
        )
    if message.results:
        operations.poke_applications(caller.id)
    if (path, message.generation, True) != (
        caller.last_path,
        caller.last_generation,
        caller.was_heard,
    ):
        _wake_operation(caller)
    if message.applied_generation != caller.last_applied_generation:
        operations.poke_removal()
    noted = record_deeds(caller, message.deeds, source=source) if message.deeds else ()
    is_own_agent = caller.role == Node.Role.LEADER
    wanted = message.facts is None and message.facts_digest != caller.facts_digest
    lacks = _lacks_inventory(caller, message)
    news = _answer(caller, message, path=path, at_once=wanted or lacks)
    if news.state is not None:
        farewell.check_stays(caller)
    return SyncReply(news, wanted, noted, find_silent() if is_own_agent else None, lacks)


def _lacks_inventory(caller: Caller, message: SyncMessage) -> bool:
    """Whether the node knows of applications that the leader does not."""
    is_news = message.inventory_digest not in ("", caller.inventory_digest)
    return message.inventory is None and is_news


def find_silent() -> tuple[int, ...]:
    """Active workers that have missed two calls: perhaps they follow another leader.

    Sooner than they are shown offline, so that a leader that was replaced knows it within ten
    seconds; to be asked once too often does no harm.
    """
    missed = timedelta(seconds=2 * pause(members=Node.objects.members().count()))
    workers = Node.objects.filter(state=Node.State.ACTIVE, role=Node.Role.WORKER)
    silent = workers.exclude(contact__last_contact__gt=timezone.now() - missed)
    return tuple(silent.values_list("pk", flat=True))


def _answer(caller: Caller, message: SyncMessage, *, path: Contact.Path, at_once: bool) -> News:
    held = Held(caller.id, message.term, message.generation)
    if at_once:
        return find_news(held)
    if caller.is_joining and path != Contact.Path.VPN:
        # not held: its next call may come through the VPN, which the join waits for
        news = find_news(held)
        return news if news.is_something else News(wait=JOINING_WAIT)
    return await_news(held, patience=settings.AGENT_HOLD_SECONDS)


def _note(caller: Caller, message: SyncMessage, *, claims: Claims, source: str | None) -> None:
    """One guarded UPDATE: the replay check, and all that the node says."""
    values: dict[str, Any] = {
        "token_at": claims.issued_at_us,
        "last_contact": timezone.now(),
        "path": caller.path_from(source),
        "source": source,
        "term": message.term,
        "generation": message.generation,
        "applied_generation": message.applied_generation,
        "health": message.health,
    }
    if message.facts is not None:
        values |= {"facts": message.facts, "facts_digest": message.facts_digest}
    unused = Contact.objects.filter(node_id=caller.id, token_at__lt=claims.issued_at_us)
    if not unused.update(**values):
        raise TokenReplayed
    if message.facts is not None:
        _note_versions(caller, message.facts)
    if message.inventory is not None:
        digest, at = message.inventory_digest, claims.issued_at_us
        replace_applications(caller.id, message.inventory, digest=digest, token_at=at)


def _note_versions(caller: Caller, facts: dict[str, Any]) -> None:
    """What the list of nodes shows; an upgrade of the node shows with its next facts."""
    known = {name: getattr(caller, name) for name in LENGTHS}
    told = {name: str(facts.get(name) or known[name])[: LENGTHS[name]] for name in LENGTHS}
    if told != known:
        Node.objects.filter(pk=caller.id).update(**told)


def _wake_operation(caller: Caller) -> None:
    """A join, the creation, or the promotion of this node may be waiting for just this."""
    waiting = Operation.objects.open()
    if not caller.is_joining and caller.role != Node.Role.LEADER:
        waiting = waiting.filter(kind=Operation.Kind.PROMOTE, node=caller.id)
    for operation_id in waiting.values_list("pk", flat=True):
        operations.poke(operation_id)
