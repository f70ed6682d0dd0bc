"""Many events at once: who did what is skewed, as in life, and the chain is a real one."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from audit.actions import AuditAction
from audit.chain import GENESIS, details_digest, event_hash
from audit.models import AuditEvent, AuditHead, Outcome
from audit.searchable import search_text

START = datetime(2024, 1, 1, tzinfo=UTC)
BATCH = 5_000
WORDS = (
    *("certificate", "Größe", "port", "node", "100%", "a_b", 'say "hi"', "O'Neill", "Straße", "ﬁn"),
    *("192.0.2.1", "back\\slash", "\U0001f6a2", "x", "ref", "label", "null", "1,2", "--", "İ"),
)


def crowd(
    number: int, *, seed: int = 1, users: int = 8, actions: Iterable[str] = tuple(AuditAction)
) -> Iterator[AuditEvent]:
    """Events that are not saved yet, oldest first, each linked to the one before."""
    chance, names = random.Random(seed), list(actions)  # noqa: S311  # no secret, and the same again
    previous, moment = GENESIS, START
    for pk in range(1, number + 1):
        moment += timedelta(seconds=chance.expovariate(0.01), microseconds=1)
        event = _event(pk, chance, users=users, actions=names)
        event.time = moment
        event.details_digest = details_digest(event)
        event.hash = previous = event_hash(event, previous=previous)
        event.search_text = search_text(event)
        yield event


def save(events: Iterable[AuditEvent]) -> None:
    """As if they had been recorded; the trail must be empty."""
    batch: list[AuditEvent] = []
    last = None
    for last in events:
        batch.append(last)
        if len(batch) == BATCH:
            AuditEvent.objects.bulk_create(batch)
            batch = []
    AuditEvent.objects.bulk_create(batch)
    if last is not None:
        AuditHead.objects.create(last_id=last.pk, last_time=last.time, last_hash=last.hash)


def _event(pk: int, chance: random.Random, *, users: int, actions: list[str]) -> AuditEvent:
    target = chance.randrange(6)
    return AuditEvent(
        id=pk,
        term=1,
        user=f"user{_skewed(chance, users)}",
        user_kind="administrator",
        action=actions[_skewed(chance, len(actions))],
        outcome=chance.choices(list(Outcome), weights=(96, 3, 1))[0],
        target_kind="node" if target else "",
        target_id=str(target) if target else "",
        target_label=f"node{target}.example.org" if target else "",
        node=target or None,
        source=f"192.0.2.{_skewed(chance, 20)}",
        user_agent="Firefox",
        interface="console",
        request_id=f"{chance.getrandbits(64):x}",
        operation=UUID(int=chance.randrange(50)) if chance.random() < 0.05 else None,
        details=_details(chance),
        details_salt=f"{chance.getrandbits(128):032x}",
    )


def _skewed(chance: random.Random, size: int) -> int:
    """The first often, the last hardly ever."""
    return (
        min(int(chance.paretovariate(0.7)) - 1, size - 1)
        if chance.random() < 0.9
        else (chance.randrange(size))
    )


def _details(chance: random.Random) -> dict[str, Any]:
    words = [chance.choice(WORDS) for _ in range(chance.randrange(6))]
    return {
        "before": {"label": f"node-{chance.randrange(1000)}", "port": chance.randrange(5)},
        "after": {"label": f"node-{chance.randrange(1000)}", "ref": chance.randrange(5)},
        "note": " ".join(words),
    }
