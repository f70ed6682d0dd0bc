"""Days of logs, as many lines as one likes, written as the leader's rsyslog writes them."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

NODES = 4
BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
RARE, OLDEST, ABSENT = "keel laid", "maiden voyage", "kraken sighted"
SENTENCES = (
    "Accepted publickey for sailor{n} from 192.0.2.{m} port {n} ssh2",
    "GET /api/items/{n}?page={m} 200 in {m} ms",
    "Connection from 198.51.100.{m} closed by remote host after {n} bytes",
    "worker {m}: job {n} finished, nothing left to do in this queue for now",
    "checkpoint complete: wrote {n} buffers, {m} files added, 0 removed, 1 recycled",
)
AT_ONCE = 5_000


def write_days(root: Path, *, lines: int, days: int) -> date:
    """Spread evenly over days and nodes; returns the last day."""
    a_day, day = lines // days, BEGIN.date()
    for number in range(days):
        day = BEGIN.date() + timedelta(days=number)
        for node in range(1, NODES + 1):
            path = root / f"node{node}" / f"{day}.log"
            path.parent.mkdir(parents=True, exist_ok=True)
            numbers = range(number * a_day + node - 1, (number + 1) * a_day, NODES)
            _write_day(path, numbers, node, timedelta(days=days) / lines, lines)
    return day


def _write_day(path: Path, numbers: range, node: int, step: timedelta, lines: int) -> None:
    with path.open("wb") as file:
        for begin in range(0, len(numbers), AT_ONCE):
            file.writelines(_render(numbers[begin : begin + AT_ONCE], node, step, lines))


def _render(numbers: range, node: int, step: timedelta, lines: int) -> Iterator[bytes]:
    for number in numbers:
        moment = (BEGIN + number * step).isoformat(timespec="microseconds")
        yield (
            f'{{"received":"{moment}", "reported":"{moment}", "from":"10.5.4.{node}", '
            f'"id":"{number:016x}", "severity":"6", "facility":"daemon", "program":"shop", '
            f'"unit":"shop.service", "application":"", '
            f'"message":{json.dumps(_say(number, lines))}}}\n'
        ).encode()


def _say(number: int, lines: int) -> str:
    if number == lines // 1000:
        return f"The {OLDEST} has begun"
    if number % 100_000 == 77:
        return f"The {RARE} number {number}"
    return SENTENCES[number % len(SENTENCES)].format(n=number % 60_000, m=number % 250)
