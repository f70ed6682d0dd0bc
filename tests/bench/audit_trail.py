"""The audit trail with a million events, beside an unindexed table of the same.

``python -m tests.bench.audit_trail [--events N]`` fills a database of its own in a temporary
directory, prints Markdown, and exits with 1 when a target was missed. About three minutes.
"""

import argparse
import os
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from audit.actions import AuditAction  # noqa: E402
from audit.actor import Actor, Target  # noqa: E402
from audit.canonical import fold  # noqa: E402
from audit.models import AuditRound  # noqa: E402
from audit.search import index_file  # noqa: E402
from audit.search.choices import occurring_actions, occurring_users  # noqa: E402
from audit.search.find import find, search_ids  # noqa: E402
from audit.search.indexing import extend  # noqa: E402
from audit.search.question import Question, span_of  # noqa: E402
from audit.services import record  # noqa: E402
from audit.verification import verify  # noqa: E402
from config import environment  # noqa: E402
from tests.accounts.factories import api_client, make_administrator  # noqa: E402
from tests.bench import figures  # noqa: E402
from tests.bench.audit_events import (  # noqa: E402
    ACTIONS,
    ARCHAEOLOGY,
    RARE,
    START,
    STEP,
    USERS,
    fill,
)
from tests.bench.figures import Figure, Section  # noqa: E402
from tests.node_files import write_node_file  # noqa: E402

PAGE = 50
NEWEST = "newest page of 50"
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
TIMES = 15
"""How often each of ours is asked; the reference's slow ones less."""
APPENDS = 1000


@dataclass(frozen=True)
class Case:
    """A question, how the reference asks it, and what it may take."""

    name: str
    question: Question
    reference: str
    at_most: float
    """Milliseconds."""
    before: int | None = None


def cases(events: int) -> list[Case]:
    """Those of the table in ``docs/performance.md``."""
    week = START + events // 5 * STEP, START + events // 5 * STEP + timedelta(days=7)
    year = START + timedelta(days=365), START + timedelta(days=730)
    deep = events // 10
    rare_user, rare_action, port = USERS[29], ACTIONS[119], '"port":2,"ref"'
    return [
        Case(NEWEST, Question(), "1", 1),
        Case(
            "user and a week, far back",
            Question(users=(USERS[3],), since=week[0], until=week[1]),
            f"user = '{USERS[3]}' AND timestamp BETWEEN '{week[0]}' AND '{week[1]}'",
            5,
        ),
        Case(
            "rare user and rare action",
            Question(users=(rare_user,), actions=(rare_action,)),
            f"user = '{rare_user}' AND action = '{rare_action}'",
            5,
        ),
        Case(
            "5 users and 5 actions, rare",
            Question(users=tuple(USERS[25:]), actions=tuple(ACTIONS[115:])),
            f"user IN {tuple(USERS[25:])} AND action IN {tuple(ACTIONS[115:])}",
            5,
        ),
        Case(
            "user, target and source",
            Question(users=(USERS[20],), target="node:20", source="192.0.2.30"),
            f"user = '{USERS[20]}' AND data LIKE '%192.0.2.30%'",
            100,
        ),
        Case("text, rare", Question(text=RARE), f"data LIKE '%{RARE}%'", 10),
        Case(
            "text, in the oldest fifth only",
            Question(text=ARCHAEOLOGY),
            f"data LIKE '%{ARCHAEOLOGY}%'",
            10,
        ),
        Case("text, no match", Question(text="no such words"), "data LIKE '%no such words%'", 5),
        Case("text of two characters, no match", Question(text="ßq"), "data LIKE '%ßq%'", 20),
        Case("text, common", Question(text="certificate"), "data LIKE '%certificate%'", 10),
        Case(
            "user, action, year and common text",
            Question(
                users=(USERS[2],),
                actions=(ACTIONS[70],),
                since=year[0],
                until=year[1],
                text="validated",
            ),
            f"user = '{USERS[2]}' AND action = '{ACTIONS[70]}' AND data LIKE '%validated%'"
            f" AND timestamp BETWEEN '{year[0]}' AND '{year[1]}'",
            25,
        ),
        Case(
            "text of common trigrams, no match",
            Question(text=fold(port)),
            f"data LIKE '%{port}%'",
            500,
        ),
        Case("page at 90 % depth", Question(), f"id < {deep}", 2, before=deep),
    ]


def milliseconds(ask: Callable[[], object], times: int) -> list[float]:
    """Of each call; the first one, which reads from the disk, does not count."""
    ask()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return taken


def ask(case: Case) -> list[object]:
    """On the level of SQL: the ids, and then the rows, as the database has them."""
    span = span_of(case.question, before=case.before)
    ids = search_ids(case.question, span, limit=PAGE).ids
    return rows_of(f"SELECT * FROM audit_auditevent WHERE id IN ({', '.join(map(str, ids))})")


def rows_of(statement: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[object] = cursor.fetchall()
        return rows


def ask_reference(where: str) -> list[object]:
    return rows_of(f"SELECT * FROM reference WHERE {where} ORDER BY id DESC LIMIT {PAGE}")


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
    client = api_client(make_administrator())
    rows: list[tuple[object, ...]] = []
    measured: list[Figure] = []
    for case in cases(events):
        found = find(case.question, limit=PAGE, before=case.before)
        theirs = figures.median(milliseconds(partial(ask_reference, case.reference), 2))
        ours = milliseconds(partial(ask, case), TIMES)
        whole = milliseconds(partial(request, client, case), TIMES)
        median, p95 = figures.median(ours), figures.percentile(ours, 95)
        medians = (figures.median(whole), figures.percentile(whole, 95))
        partly = "yes" if found.searched_back_to else ""
        rows.append((case.name, len(found.events), theirs, median, p95, *medians, partly))
        measured.append(Figure(case.name, median, "ms", case.at_most))
        if case.name == NEWEST:
            measured.append(Figure(f"{NEWEST}, whole request, p95", medians[1], "ms", 50))
    for name, occurring in (("user", occurring_users), ("action", occurring_actions)):
        distinct = partial(rows_of, f"SELECT DISTINCT {name} FROM reference")
        theirs = figures.median(milliseconds(distinct, 2))
        ours = milliseconds(occurring, TIMES)
        median, p95 = figures.median(ours), figures.percentile(ours, 95)
        rows.append((f"distinct {name}s", len(occurring()), theirs, median, p95, "", "", ""))
        measured.append(Figure(f"distinct {name}s", median, "ms", 5))
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
                "note": "c" * 120,
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
    began = time.perf_counter()
    checked = verify().checked
    verified = 1e6 * (time.perf_counter() - began) / checked
    index = index_file.path().stat().st_size / events
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE reference")
        cursor.execute("VACUUM")
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        size = cursor.fetchone()[0] / events
    return Section(
        "Writing, verifying, space",
        [
            Figure("One committed append, median", figures.median(appends), "ms", 0.5),
            Figure("One committed append, p95", figures.percentile(appends, 95), "ms", 2),
            Figure("A commit of one row otherwise, median", figures.median(commits), "ms"),
            Figure("Text index, behind the append", behind, "µs an event"),
            Figure("Verification of a million", verified, "s", 10),
            Figure("Table and its indexes", size, "bytes an event"),
            Figure("Text index", index, "bytes an event"),
            Figure("Disk altogether", (size + index) / 1000, "kB an event", 1.4),
        ],
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.bench.audit_trail", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    events = parser.parse_args(arguments).events
    print(figures.table(("machine", ""), figures.describe_machine().items()), end="\n\n")
    call_command("migrate", verbosity=0)
    environment.NODE_FILE.parent.mkdir(parents=True, exist_ok=True)
    write_node_file(environment.NODE_FILE, role="leader")
    began = time.perf_counter()
    fill(events)
    filled = time.perf_counter()
    extend(seconds=600)
    indexed = time.perf_counter()
    print(f"{events} events in {filled - began:.0f} s, indexed in {indexed - filled:.0f} s\n")
    sections = [measure_questions(events), measure_rest(events)]
    for section in sections:
        print(figures.show(section), flush=True)
    return 1 if figures.missed(sections) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
