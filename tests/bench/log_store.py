"""What the leader's logs cost: lines that arrive, and text that is looked for among millions."""

import math
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from cluster.logs import keeping
from cluster.logs.question import Question
from cluster.logs.search import find
from nodes.agent.logs.place import Place
from tests.bench import figures, log_lines
from tests.bench.figures import Figure, Section
from tests.lab.waiting import eventually
from tests.nodes.agent.logs.ends import HERE, SENDERS, Node

LINES, QUICK_LINES = 10_000_000, 500_000
A_SECOND = 5_000
SECONDS, QUICK_SECONDS = 30, 5
SLICES = 50
SLICE = A_SECOND // SLICES
FIRST_SECONDS, CORE_PERCENT, INDEX_PERCENT = 1, 50, 15
PAGE, DAYS = 100, 20
QUESTIONS = (
    Question(q="publickey"),
    Question(q=log_lines.RARE),
    Question(q=log_lines.OLDEST),
    Question(q=log_lines.ABSENT),
    Question(q="48213 from"),
    Question(q="oom"),
    Question(q=log_lines.OLDEST, node=1, unit="shop.service", severity="info"),
    Question(q=log_lines.OLDEST, until=log_lines.BEGIN + timedelta(days=DAYS / 2)),
    Question(unit="cron.service"),
    Question(severity="error"),
)


def measure(*, quick: bool) -> Section:
    """In ``/var/tmp``: ten million lines are 3 GB."""
    lines, seconds = (QUICK_LINES, QUICK_SECONDS) if quick else (LINES, SECONDS)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        arriving = _take_lines(Path(directory), seconds=seconds)
        searching, rows = _search(Path(directory) / "store", lines=lines)
    head = ("question", "days", "first answer, s", "lines", "to the first line or the end, s")
    return Section(
        f"Logs: {A_SECOND:,} lines a second, and {lines:,} that are searched",
        (*arriving, *searching),
        (figures.table(head, rows),),
    )


def _take_lines(directory: Path, *, seconds: int) -> tuple[Figure, ...]:
    """One node writes, another keeps: two real rsyslogs."""
    leader = Node(directory / "leader", Place(1, HERE, is_store=True, senders=SENDERS))
    worker = Node(directory / "worker", Place(2, HERE, is_store=False))
    leader.start()
    worker.start()
    try:
        eventually(lambda: all((end.work / "pid").exists() for end in (leader, worker)), within=10)
        before = _used(leader), _used(worker)
        began = time.monotonic()
        _write(worker, seconds=seconds)
        eventually(lambda: _count(leader) >= seconds * A_SECOND, within=120)
        elapsed = time.monotonic() - began
        used = _used(leader) - before[0], _used(worker) - before[1]
    finally:
        worker.rsyslog.stop()
        leader.rsyslog.stop()
    return (
        Figure("Leader's rsyslog", 100 * used[0] / seconds, "% of a core", CORE_PERCENT),
        Figure("Sending node's rsyslog", 100 * used[1] / seconds, "% of a core"),
        Figure("The last line is kept after the last was written", elapsed - seconds, "s"),
    )


def _write(node: Node, *, seconds: int) -> None:
    """As many lines as are due, fifty times a second."""
    began = time.monotonic()
    for tick in range(seconds * SLICES):
        node.write(
            b"".join(b"sailor %07d %s\n" % (tick * SLICE + n, b"x" * 90) for n in range(SLICE))
        )
        time.sleep(max(0, began + (tick + 1) / SLICES - time.monotonic()))


def _used(node: Node) -> float:
    """Seconds of processor time so far."""
    pid = int((node.work / "pid").read_text())
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _count(node: Node) -> int:
    files = (node.directory / "logs" / "node2").glob("*.log")
    return sum(int(subprocess.check_output(["wc", "-l", file]).split()[0]) for file in files)


def _search(root: Path, *, lines: int) -> tuple[tuple[Figure, ...], list[tuple[object, ...]]]:
    """The first page of each question while all days are open, and when they are kept as a leader
    keeps them: all but two packed and indexed.
    """
    last = log_lines.write_days(root, lines=lines, days=DAYS)
    rows = [_ask(question, root, days="open") for question in QUESTIONS]
    packing = _time(lambda: keeping.pack_old(root, today=last))
    indexing = _time(lambda: keeping.index_packed(root, seconds=math.inf))
    kept = [_ask(question, root, days="kept") for question in QUESTIONS]
    packed, index = _size(root, "*.zst"), _size(root, "*.index")
    return (
        Figure("First answer of a search, slowest", _slowest(kept, 2), "s", FIRST_SECONDS),
        Figure("Search to its end, slowest", _slowest(kept, 4), "s", FIRST_SECONDS),
        Figure("Packing the days", packing, "s"),
        Figure("Indexing them", indexing, "s"),
        Figure("The days, packed", packed / 2**20, "MiB"),
        Figure("Their index", 100 * index / packed, "% of that", INDEX_PERCENT),
    ), rows + kept


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ask(question: Question, root: Path, *, days: str) -> tuple[object, ...]:
    """The first answer, and then page by page until something is found or there is no more."""
    began = time.perf_counter()
    found = find(question, limit=PAGE, root=root)
    first, count = time.perf_counter() - began, len(found.records)
    while found.cursor and not count:
        found = find(question, limit=PAGE, cursor=found.cursor, root=root)
        count += len(found.records)
    whole = round(time.perf_counter() - began, 3)
    return _name(question), days, round(first, 3), count, whole


def _name(question: Question) -> str:
    given = {field.name: getattr(question, field.name) for field in fields(question)}
    return ", ".join(f"{name} {value}" for name, value in given.items() if value)


def _slowest(rows: list[tuple[object, ...]], column: int) -> float:
    return max(float(str(row[column])) for row in rows)


def _size(root: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in root.rglob(pattern))
