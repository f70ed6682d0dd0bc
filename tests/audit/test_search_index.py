"""The text index: behind the events, believed only while it is of them, and asked first."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection

from audit import tasks
from audit.blocks import BLOCK
from audit.bounds import read_bounds
from audit.models import AuditEvent
from audit.search import bitmaps, fts, gin, index_file
from audit.search import find as finding
from audit.search.find import find
from audit.search.indexing import extend
from audit.search.question import Question, Span
from audit.search.windows import Cheaper
from audit.tasks import index_events
from config.settings import CELERY_BEAT_SCHEDULE
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event
from tests.audit.walking import (
    EVENTS,
    all_pages,
    events,
    fits,
    index_up_to,
    on_postgresql,
    on_sqlite,
    small_steps,
)

__all__ = ["events", "small_steps"]
SEVERAL = (
    Question(users=("user0",), source="192.0.2.0"),
    Question(users=("user0", "user1"), target="node:1", outcomes=("denied", "failed")),
    Question(target="node1.example.org", source="192.0.2.1", text="label"),
)

pytestmark = pytest.mark.django_db


@on_sqlite
def test_text_index_goes_as_far_as_the_worker_had_come(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    index_up_to(EVENTS - 90, monkeypatch)
    with fts.reading() as reader:
        assert reader.indexed_to == EVENTS - 90

    assert extend(seconds=60)

    with fts.reading() as reader:
        assert reader.indexed_to == EVENTS


@on_sqlite
@pytest.mark.usefixtures("events")
def test_task_takes_its_time_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    index_file.forget()
    sent: list[str] = []
    monkeypatch.setattr(tasks, "send", sent.append)
    monkeypatch.setattr(tasks, "AT_ONCE", 0)

    index_events()
    assert sent == ["audit.tasks.index_events"]
    monkeypatch.setattr(tasks, "AT_ONCE", 60)
    index_events()

    assert sent == ["audit.tasks.index_events"]
    with fts.reading() as reader:
        assert reader.indexed_to == EVENTS


def test_task_is_on_the_schedule() -> None:
    assert index_events.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}


@on_sqlite
@pytest.mark.usefixtures("events", "small_steps")
def test_text_is_looked_up_and_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is indexed is not walked through: not a row is looked at that the index rules out."""
    extend(seconds=60)
    monkeypatch.setattr("audit.search.windows.QUICK", 60)
    monkeypatch.setattr(finding, "GLANCE", 0)
    monkeypatch.setattr(finding, "_scan", forbidden)

    assert find(Question(text="nothing like it"), limit=7).events == []
    assert len(find(Question(text="certificate"), limit=7).events) == 7


@pytest.mark.parametrize(
    ("first", "second", "looks"),
    [(0.0, 9.0, "1111"), (3.0, 1.0, "1222"), (3.0, 9.0, "1211")],
)
def test_cheaper_way_to_look_is_the_one_that_goes_on(
    monkeypatch: pytest.MonkeyPatch, first: float, second: float, looks: str
) -> None:
    """An index of common trigrams costs more than looking at every row."""
    seconds, taken = {"1": first, "2": second}, list[str]()
    now = 0.0

    def look(way: str, span: Span, limit: int) -> list[int]:
        nonlocal now
        now += seconds[way]
        taken.append(way)
        return []

    monkeypatch.setattr("audit.search.windows.time.thread_time", lambda: now)
    cheaper = Cheaper(partial(look, "1"), partial(look, "2"))

    for _ in range(4):
        cheaper(Span(1, 10), 5)

    assert "".join(taken) == looks


@on_sqlite
@pytest.mark.usefixtures("events", "small_steps")
@pytest.mark.parametrize("harm", ["none", "no database", "empty"])
def test_broken_index_is_not_believed_and_is_made_anew(harm: str) -> None:
    extend(seconds=60)
    expected = all_pages(Question(text="certificate"))
    HARMS[harm]()

    assert all_pages(Question(text="certificate")) == expected
    extend(seconds=60)
    assert extend(seconds=60)
    with fts.reading() as reader:
        assert reader.indexed_to == EVENTS
    assert all_pages(Question(text="certificate")) == expected


@on_sqlite
@pytest.mark.usefixtures("events", "small_steps")
def test_index_of_other_events_is_not_believed() -> None:
    """The database was restored, and went another way from there."""
    extend(seconds=60)
    with without_triggers():
        AuditEvent.objects.filter(id=EVENTS).update(hash="0" * 64, search_text="needle")

    assert all_pages(Question(text="needle")) == [EVENTS]
    extend(seconds=60)
    assert all_pages(Question(text="needle")) == [EVENTS]


@on_sqlite
def test_index_is_as_private_as_the_database() -> None:
    index_file.forget()

    extend(seconds=60)

    assert index_file.path().stat().st_mode & 0o777 == 0o600


@on_sqlite
def test_operation_is_looked_up_by_its_partial_index() -> None:
    statement = "EXPLAIN QUERY PLAN SELECT id FROM audit_auditevent WHERE operation = %s"

    with connection.cursor() as cursor:
        cursor.execute(statement, [UUID(int=1).hex])
        assert "audit_operation" in cursor.fetchone()[3]


@on_postgresql
@pytest.mark.usefixtures("events", "small_steps")
def test_postgresql_answers_from_its_index(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Question(text="certificate")
    expected = all_pages(asked, limit=EVENTS)
    monkeypatch.setattr(finding, "PROBE", 1)
    monkeypatch.setattr(finding, "WALK", 0)
    looks: list[str] = []
    look = gin.newest

    def note(text: str, *rest: Any, **options: Any) -> list[int]:
        looks.append(text)
        return look(text, *rest, **options)

    monkeypatch.setattr(gin, "newest", note)

    assert all_pages(asked, limit=EVENTS) == expected
    assert looks == ["certificate"]


@on_postgresql
def test_text_index_of_postgresql_is_of_what_is_asked_of_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {gin.FOUND.format('true')}", ["%needle%", 1, 9, 7])
        assert gin.NAME in "".join(row[0] for row in cursor.fetchall())


@on_postgresql
@pytest.mark.usefixtures("events", "small_steps")
def test_postgresql_without_its_index_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Question(text="certificate")
    expected = all_pages(asked)

    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {gin.NAME}")
    extend(seconds=1)

    assert not gin.exists()
    assert all_pages(asked) == expected


@on_postgresql
@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("least", [0, 99], ids=["in time", "too slow"])
def test_postgresqls_indexes_are_asked_together(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """And if that takes too long, the one that names the fewest events."""
    monkeypatch.setattr(bitmaps, "LEAST", least)
    if not least:
        monkeypatch.setattr(finding, "plan", forbidden)

    for asked in SEVERAL:
        expected = [event.pk for event in reversed(events) if fits(event, asked)]
        assert all_pages(asked, limit=EVENTS) == all_pages(asked, limit=3) == expected != []


@on_postgresql
@pytest.mark.usefixtures("events", "small_steps")
@pytest.mark.parametrize("asked", [SEVERAL[0], Question(text="certificate")], ids=["two", "text"])
def test_search_leaves_no_setting_behind(asked: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks within a transaction goes on in it."""
    monkeypatch.setattr(finding, "WALK", 0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = on")

    find(asked, limit=EVENTS)

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('jit')")
        assert cursor.fetchone() == ("0", "on")


def forbidden(*_: object) -> list[int]:
    raise AssertionError("walked")


HARMS: dict[str, Callable[[], object]] = {
    "none": index_file.forget,
    "no database": lambda: index_file.path().write_bytes(b"x" * 10_000),
    "empty": lambda: index_file.path().write_bytes(b""),
}


@on_postgresql
def test_events_of_a_block_share_an_entry_of_postgresqls_indexes() -> None:
    """An entry for each event took three times the space, and its pages were half empty."""
    statement = (
        "SELECT count(*), count(*) FILTER (WHERE indexdef LIKE %s) FROM pg_indexes"
        " WHERE tablename = 'audit_auditevent' AND indexname NOT IN (%s, %s)"
    )

    with connection.cursor() as cursor:
        cursor.execute(statement, [f"%({BLOCK})%", "audit_auditevent_pkey", "audit_event_text"])
        assert cursor.fetchone() == (8, 8)


@pytest.mark.parametrize(
    ("seconds", "first", "last"), [(-1, 1, 0), (10, 2, 2), (11, 3, 2), (21, 4, 3)]
)
def test_a_time_is_an_event_that_is_found_by_halves(seconds: int, first: int, last: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for passed in (0, 10, 20):
        with time_machine.travel(start + timedelta(seconds=passed), tick=False):
            make_event()
    moment = start + timedelta(seconds=seconds)

    assert (read_bounds().since(moment), read_bounds().until(moment)) == (first, last)


@pytest.mark.parametrize("gone", [6, 9, 11])
def test_a_time_is_found_although_an_event_was_taken_away(gone: int) -> None:
    """Whoever deletes one shall not hide others by it."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(1, 12):
        with time_machine.travel(start + timedelta(seconds=number), tick=False):
            make_event()
    with without_triggers():
        AuditEvent.objects.filter(id=gone).delete()

    for number in {*range(1, 12)} - {gone}:
        moment = start + timedelta(seconds=number)
        asked = Question(since=moment, until=moment)
        assert all_pages(asked) == [number]
