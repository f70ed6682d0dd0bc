"""Files as rsyslog writes them."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cluster.logs.question import Question
from cluster.logs.search import find

BEGIN = datetime(2026, 11, 22, 10, tzinfo=UTC)


def line(number: int, *, begin: datetime = BEGIN, **values: str) -> bytes:
    """One a second; in the order of our own template, and with its spaces."""
    moment = (begin + timedelta(seconds=number)).isoformat(timespec="microseconds")
    told = {
        "received": moment,
        "reported": moment,
        "from": "10.5.4.2",
        "id": str(number),
        "severity": "6",
        "facility": "local0",
        "program": "sshd",
        "unit": "ssh.service",
        "application": "",
        "message": f"line {number}",
    } | values
    fields = (f"{json.dumps(name)}:{json.dumps(value)}" for name, value in told.items())
    return f"{{{', '.join(fields)}}}\n".encode()


def write_day(
    root: Path, lines: Iterable[bytes], *, node: int = 2, day: str = "2026-11-22"
) -> Path:
    path = root / f"node{node}" / f"{day}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path


def everything(root: Path, question: Question, *, limit: int) -> list[str]:
    """What is said, page by page."""
    heard, cursor = list[str](), ""
    while True:
        found = find(question, limit=limit, cursor=cursor, root=root)
        heard += [record.message for record in found.records]
        if not found.cursor:
            return heard
        cursor = found.cursor


def ticks() -> Iterator[float]:
    """A clock by which each look takes a second."""
    moment = 0.0
    while True:
        yield moment
        moment += 1.0
