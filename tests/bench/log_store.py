"""What the leader's logs cost: lines that arrive, and text that is looked for among millions."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from cluster.logs.packing import pack
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
FIRST_SECONDS, CORE_PERCENT = 1, 50
PAGE = 100


def measure(*, quick: bool) -> Section:
    """In ``/var/tmp``: ten million lines are 3 GB."""
    lines, seconds = (QUICK_LINES, QUICK_SECONDS) if quick else (LINES, SECONDS)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        arriving = _take_lines(Path(directory), seconds=seconds)
        searching, rows = _search(Path(directory) / "store", lines=lines)
    head = ("text", "day", "first page, s", "lines on it", "whole search, s")
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
    """The first page of each text, in a day that is open and in the same one packed."""
    log_lines.write_day(root, lines=lines)
    rows = [_ask(text, root, day="open") for text in _texts()]
    began = time.perf_counter()
    for path in root.rglob("*.log"):
        pack(path)
    packing = time.perf_counter() - began
    rows += [_ask(text, root, day="packed") for text in _texts()]
    slowest = max(float(str(row[2])) for row in rows)
    return (
        Figure("First answer of a search, slowest", slowest, "s", FIRST_SECONDS),
        Figure("Packing the day", packing, "s"),
        Figure("The day, packed", _size(root) / 2**20, "MiB"),
    ), rows


def _texts() -> tuple[str, ...]:
    return "publickey", log_lines.RARE, log_lines.OLDEST, log_lines.ABSENT


def _ask(text: str, root: Path, *, day: str) -> tuple[object, ...]:
    """The first answer, and then page by page until there is no more."""
    question = Question(q=text)
    began = time.perf_counter()
    found = find(question, limit=PAGE, root=root)
    first, count = time.perf_counter() - began, len(found.records)
    while found.cursor and not count:
        found = find(question, limit=PAGE, cursor=found.cursor, root=root)
        count += len(found.records)
    return text, day, round(first, 3), count, round(time.perf_counter() - began, 2)


def _size(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*.zst"))
