"""The audit trail with a million events, beside an unindexed table of the same.

``python -m tests.bench.audit_trail [--events N]`` fills a database of its own in a temporary
directory, prints Markdown, and exits with 1 when a target was missed. About four minutes for a
million; ``python -m tests.postgres -- python -m tests.bench.audit_trail`` asks PostgreSQL. With
``FLOTILLA_STATE_DIR`` the database is there, stays, and is not filled again.
"""

import argparse
import json
import os
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from audit.actions import AuditAction  # noqa: E402
from audit.actor import Actor, Target  # noqa: E402
from audit.models import AuditEvent, AuditRound  # noqa: E402
from audit.search import gin, index_file  # noqa: E402
from audit.search.choices import occurring_actions, occurring_users  # noqa: E402
from audit.search.find import find, search_ids  # noqa: E402
from audit.search.indexing import extend  # noqa: E402
from audit.search.question import span_of  # noqa: E402
from audit.services import record  # noqa: E402
from audit.verification import verify  # noqa: E402
from config import environment  # noqa: E402
from tests.accounts.factories import api_client, make_administrator  # noqa: E402
from tests.bench import figures  # noqa: E402
from tests.bench.audit_cases import NEWEST, Case, cases  # noqa: E402
from tests.bench.audit_events import fill  # noqa: E402
from tests.bench.figures import Figure, Section  # noqa: E402
from tests.node_files import write_node_file  # noqa: E402

PAGE = 50
NEWEST_FIRST = f"ORDER BY id DESC LIMIT {PAGE}"
HEAD = (
    "question",
    "found",
    "unindexed table, ms",
    "median, ms",
    "p95, ms",
    "request, median, ms",
    "request, p95, ms",
    "not all looked at",
)
THEIRS, OURS = 2, 3
"""Columns."""
TIMES = 15
"""How often each of ours is asked; the reference's slow ones less."""
REQUESTS = 60
"""How often the newest page is: of fifteen, one that meets a full garbage collection is the p95."""
APPENDS = 1000
SIZES = (f"pg_relation_size('{gin.NAME}')", "pg_total_relation_size('audit_textpart')")


def milliseconds(ask: Callable[[], object], times: int) -> list[float]:
    """Of each call; the first one, which reads from the disk, does not count."""
    ask()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return taken


def ask(case: Case) -> list[tuple[object, ...]]:
    """On the level of SQL: the ids, and then the rows, as the database has them."""
    span = span_of(case.question, before=case.before)
    if case.question.is_about_time_only:
        within = f"id BETWEEN {span.low} AND {span.high}"
        return rows_of(f"SELECT * FROM audit_auditevent WHERE {within} {NEWEST_FIRST}")
    ids = search_ids(case.question, span, limit=PAGE).ids
    chosen = ", ".join(map(str, ids)) or "NULL"
    return rows_of(f"SELECT * FROM audit_auditevent WHERE id IN ({chosen})")


def rows_of(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[object, ...]] = cursor.fetchall()
        return rows


def ask_reference(where: str) -> list[tuple[object, ...]]:
    return rows_of(f"SELECT * FROM reference WHERE {where} {NEWEST_FIRST}")


def request(client: APIClient, case: Case) -> None:
    """The whole of it, but for the network: log-in, filters, search, JSON."""
    asked = case.question
    parameters: dict[str, Any] = {
        "user": asked.users,
        "action": asked.actions,
        "target": asked.target,
        "source": asked.source,
        "since": asked.since.isoformat() if asked.since else "",
        "until": asked.until.isoformat() if asked.until else "",
        "q": asked.text,
    }
    if case.before:
        parameters["cursor"] = urlsafe_b64encode(str(case.before).encode()).decode()
    given = {name: value for name, value in parameters.items() if value}
    assert client.get("/api/v1/audit/events/", given).status_code == 200


def measure_questions(events: int) -> Section:
    client = api_client(make_administrator(f"asking{os.getpid()}"))
    rows: list[tuple[object, ...]] = []
    measured: list[Figure] = []
    for case in cases(events):
        found = find(case.question, limit=PAGE, before=case.before)
        theirs = figures.median(milliseconds(partial(ask_reference, case.reference), 2))
        ours = milliseconds(partial(ask, case), TIMES)
        times = REQUESTS if case.name == NEWEST else TIMES
        whole = milliseconds(partial(request, client, case), times)
        median, p95 = figures.median(ours), figures.percentile(ours, 95)
        medians = (figures.median(whole), figures.percentile(whole, 95))
        partly = "yes" if found.searched_back_to else ""
        rows.append((case.name, len(found.events), theirs, median, p95, *medians, partly))
        measured.append(Figure(case.name, median, "ms", case.at_most))
        if case.name == NEWEST:
            measured.append(Figure(f"{NEWEST}, whole request, p95", medians[1], "ms", 50))
    for name, occurring in (("user", occurring_users), ("action", occurring_actions)):
        distinct = partial(rows_of, f'SELECT DISTINCT "{name}" FROM reference')
        theirs = figures.median(milliseconds(distinct, 2))
        ours = milliseconds(occurring, TIMES)
        median, p95 = figures.median(ours), figures.percentile(ours, 95)
        rows.append((f"distinct {name}s", len(occurring()), theirs, median, p95, "", "", ""))
        measured.append(Figure(f"distinct {name}s", median, "ms", 5))
    slower = max(float(str(row[OURS])) - float(str(row[THEIRS])) for row in rows)
    measured.append(Figure("Slower than the unindexed table, at most", slower, "ms", 0.5))
    return Section("Questions", measured, [figures.table(HEAD, rows)])


def append() -> None:
    with transaction.atomic():
        record(
            AuditAction.NODE_CHANGED,
            actor=Actor.system(),
            target=Target(kind="node", id="3", label="node3.example.org", node=3),
            details={
                "before": {"label": "a" * 60},
                "after": {"label": "b" * 60},
                "endpoint": "c" * 120,
            },
        )


def commit() -> None:
    """What any change costs on this disk, now."""
    with transaction.atomic():
        AuditRound.objects.update_or_create(pk=1, defaults={"checked": time.monotonic_ns()})


def measure_rest(events: int) -> Section:
    appends = milliseconds(append, APPENDS)
    commits = milliseconds(commit, APPENDS // 4)
    began = time.perf_counter()
    extend(seconds=600)
    behind = 1e6 * (time.perf_counter() - began) / APPENDS
    began, worked = time.perf_counter(), time.process_time()
    checked = verify().checked
    verified = 1e6 * (time.perf_counter() - began) / checked
    own = 1e6 * (time.process_time() - worked) / checked
    table, text = bytes_of_table() / events, bytes_of_text_index() / events
    return Section(
        "Writing, verifying, space",
        [
            Figure("One committed append, median", figures.median(appends), "ms", 0.5),
            Figure("One committed append, p95", figures.percentile(appends, 95), "ms", 2),
            Figure("A commit of one row otherwise, median", figures.median(commits), "ms"),
            Figure("One append", figures.median(appends) / figures.median(commits), "such commits"),
            Figure("Text index, behind the append", behind, "µs an event"),
            Figure("Verification of a million", verified, "s", 10),
            Figure("Verification of a million, processor time", own, "s"),
            Figure("Table and its indexes", table, "bytes an event"),
            Figure("Text index", text, "bytes an event"),
            Figure("Disk altogether", (table + text) / 1000, "kB an event", 1.4),
        ],
    )


def bytes_of_table() -> int:
    """With its indexes, but for PostgreSQL's text index."""
    if connection.vendor == "postgresql":
        total = rows_of("SELECT pg_total_relation_size('audit_auditevent')")
        return int(str(total[0][0])) - int(str(rows_of(f"SELECT {SIZES[0]}")[0][0]))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE reference")
        cursor.execute("VACUUM")
    size = rows_of("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    return int(str(size[0][0]))


def bytes_of_text_index() -> int:
    if connection.vendor == "postgresql":
        return sum(int(str(rows_of(f"SELECT {size}")[0][0])) for size in SIZES)
    return index_file.path().stat().st_size


def database() -> dict[str, str]:
    if connection.vendor != "postgresql":
        return {}
    versions = rows_of("SHOW server_version") + rows_of("SHOW fsync")
    return {"database": "PostgreSQL {}, fsync {}".format(*(str(row[0]) for row in versions))}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.bench.audit_trail", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="write the sections as JSON too")
    options = parser.parse_args(arguments)
    events = options.events
    machine = figures.describe_machine() | database()
    print(figures.table(("machine", ""), machine.items()), end="\n\n")
    call_command("migrate", verbosity=0)
    environment.NODE_FILE.parent.mkdir(parents=True, exist_ok=True)
    write_node_file(environment.NODE_FILE, role="leader")
    began = time.perf_counter()
    if not AuditEvent.objects.exists():
        fill(events)
    filled = time.perf_counter()
    extend(seconds=3600)
    indexed = time.perf_counter()
    print(f"{events} events in {filled - began:.0f} s, indexed in {indexed - filled:.0f} s\n")
    sections = [measure_questions(events), measure_rest(events)]
    for section in sections:
        print(figures.show(section), flush=True)
    if options.keep:
        options.keep.write_text(json.dumps([asdict(section) for section in sections]))
    return 1 if figures.missed(sections) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
