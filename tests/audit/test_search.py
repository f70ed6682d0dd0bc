"""Whatever is asked, the trail answers as a plain walk through all events would (S57)."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import tasks
from audit.actions import AuditAction
from audit.canonical import fold
from audit.models import AuditEvent, Outcome
from audit.search import find as finding
from audit.search import fts, gin, index_file, indexing
from audit.search.choices import occurring_actions, occurring_users
from audit.search.count import count
from audit.search.find import find
from audit.search.indexing import extend
from audit.search.question import Question, Span
from audit.search.windows import Cheaper
from audit.tasks import index_events
from config.settings import CELERY_BEAT_SCHEDULE
from tests.audit.append_only import without_triggers
from tests.audit.crowd import START, WORDS
from tests.audit.factories import make_event, person
from tests.audit.walking import EVENTS, SOME_ACTIONS, all_pages, events, fits, small_steps

__all__ = ["events", "small_steps"]

pytestmark = pytest.mark.django_db

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own index")
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's own")


def rarely(other: st.SearchStrategy[Any], default: Any) -> st.SearchStrategy[Any]:
    """Who fills in every field finds nothing, which is no test."""
    return st.one_of(st.just(default), st.just(default), st.just(default), other)


def some(values: Iterable[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=4, unique=True).map(tuple)


moments = st.integers(0, 60_000).map(lambda seconds: START + timedelta(seconds=seconds))
fragments = st.sampled_from(WORDS) | st.sampled_from(
    [*("node", "de-1", "label", '"ref":2', "e", "de", "zz", '"}', "}", "gröss", "user1", "\u0301")]
)
questions = st.builds(
    Question,
    users=rarely(some(f"user{number}" for number in range(9)), ()),
    actions=rarely(some(SOME_ACTIONS), ()),
    outcomes=rarely(some(Outcome), ()),
    target=rarely(st.sampled_from(["3", "node:2", "node4.example.org", "nobody", "node:9"]), ""),
    source=rarely(st.sampled_from(["192.0.2.1", "192.0.2.7", "192.0.2.99"]), ""),
    operation=rarely(st.integers(0, 51).map(lambda number: UUID(int=number)), None),
    since=rarely(moments, None),
    until=rarely(moments, None),
    text=st.just("") | (fragments | st.tuples(fragments, fragments).map(" ".join)).map(fold),
)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize(
    "unindexed", [0, pytest.param(90, marks=on_sqlite), pytest.param(EVENTS, marks=on_sqlite)]
)
def test_answer_is_that_of_a_walk_through_all_events(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch, unindexed: int
) -> None:
    """The same events in the same order, however much of them is in the text index."""
    index_up_to(EVENTS - unindexed, monkeypatch)

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(questions)
    def compare(asked: Question) -> None:
        expected = [event.pk for event in reversed(events) if fits(event, asked)]
        assert all_pages(asked) == expected
        assert count(asked).number == len(expected)

    compare()


def index_up_to(last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the worker had come so far and no further."""
    index_file.forget()
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "ROWS", last)
        extend(seconds=0)


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


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("text", ['"}', "}", "e", "de", "zz", "ß", "\U0001f6a2", "--", ":2"])
def test_text_shorter_than_a_trigram_is_found_too(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Also at the very end, behind which nothing is."""
    monkeypatch.setattr(finding, "PROBE", 0)
    extend(seconds=60)
    asked = Question(text=fold(text))

    assert all_pages(asked) == [event.pk for event in reversed(events) if fits(event, asked)]


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


@pytest.mark.usefixtures("events", "small_steps")
@pytest.mark.parametrize("text", ["nothing like it", "zz", "certificate"])
def test_search_that_runs_out_of_time_says_how_far_it_came(text: str) -> None:
    """It never says that there is none, and goes on from there."""
    index_file.forget()
    asked = Question(text=fold(text))

    found = find(asked, limit=EVENTS, budget=0)

    assert found.before is not None
    assert found.searched_back_to == AuditEvent.objects.get(id=found.before).time
    assert all_pages(asked, limit=EVENTS, budget=0) == all_pages(asked, limit=EVENTS)


@on_sqlite
@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("details", [{"note": "Kept ONCE"}, {"note": "Größe, kept twice"}])
def test_details_are_found_however_they_are_kept(details: dict[str, str]) -> None:
    """SQLite does not keep in the searched text what it has in the details."""
    event = make_event(details=details)
    asked = Question(text=fold(details["note"]))

    before = all_pages(asked)
    extend(seconds=60)

    stored = AuditEvent.objects.get()
    assert before == all_pages(asked) == [event.pk]
    assert (fold(details["note"]) in stored.search_text) is not details["note"].isascii()


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
@pytest.mark.usefixtures("events", "small_steps")
def test_postgresql_without_its_index_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Question(text="certificate")
    expected = all_pages(asked)

    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {gin.NAME}")
    extend(seconds=1)

    assert not gin.exists()
    assert all_pages(asked) == expected


@pytest.mark.usefixtures("events")
def test_names_that_occur_are_listed_once() -> None:
    users = {event.user for event in AuditEvent.objects.all()}
    actions = {event.action for event in AuditEvent.objects.all()}

    assert occurring_users() == sorted(users)
    assert set(occurring_actions()) == actions


def test_names_of_before_the_trail_do_not_occur_in_it() -> None:
    make_event(AuditAction.CLUSTER_JOINED, actor=person("bob"))
    make_event(AuditAction.LEADERSHIP_TAKEN, actor=person("ann"))

    assert occurring_users() == ["ann"]
    assert occurring_actions() == ["leadership.taken"]


def test_empty_trail_has_no_names_and_no_events() -> None:
    assert (occurring_users(), occurring_actions()) == ([], [])
    assert find(Question(text="x"), limit=7).before is None
    assert count(Question()).number == 0


@pytest.mark.usefixtures("events")
def test_counting_goes_no_further_than_anybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.search.count.MOST", 20)

    counted = count(Question(users=("user0",)))

    assert (counted.number, counted.is_exact) == (21, False)


def forbidden(*_: object) -> list[int]:
    raise AssertionError("walked")


HARMS: dict[str, Callable[[], object]] = {
    "none": index_file.forget,
    "no database": lambda: index_file.path().write_bytes(b"x" * 10_000),
    "empty": lambda: index_file.path().write_bytes(b""),
}
