"""Taking logs along: searching them is nobody's business, a copy of them is."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from django.db import transaction

from audit.actions import AuditAction
from audit.actor import Actor
from audit.services import record
from cluster.logs.question import Question
from cluster.logs.record import Record
from cluster.logs.search import find_all
from cluster.logs.store import DayFile

CHUNK = 64 * 1024


def download_logs(question: Question, *, actor: Actor) -> Iterator[bytes]:
    """Every record as a line of JSON, newest first; recorded before the first one leaves."""
    with transaction.atomic():
        given = {name: str(value) for name, value in asdict(question).items() if value}
        record(AuditAction.LOGS_DOWNLOADED, actor=actor, details={"filter": given})
    return _in_chunks(find_all(question))


def describe(found: Record) -> dict[str, object]:
    """As JSON has it."""
    return asdict(found) | {"received": found.received.isoformat()}


def describe_damaged(files: Iterable[DayFile]) -> list[dict[str, object]]:
    """Whose lines of which day are not all there."""
    return [{"node": file.node, "day": file.day.isoformat()} for file in files]


def _in_chunks(records: Iterator[Record]) -> Iterator[bytes]:
    held = bytearray()
    for each in records:
        held += json.dumps(describe(each), ensure_ascii=False).encode() + b"\n"
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    yield bytes(held)
