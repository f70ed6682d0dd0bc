"""Whatever is asked, the trail answers as a plain walk through all events would (S57)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.actions import AuditAction
from audit.canonical import fold
from audit.models import AuditEvent, Outcome
from audit.search import find as finding
from audit.search import index_file
from audit.search.choices import occurring_actions, occurring_users
from audit.search.count import count
from audit.search.find import find
from audit.search.indexing import extend
from audit.search.question import Question
from audit.search.sql import MOST
from tests.audit.crowd import START, WORDS
from tests.audit.factories import make_event, person
from tests.audit.walking import (
    EVENTS,
    SOME_ACTIONS,
    all_pages,
    events,
    fits,
    index_up_to,
    on_sqlite,
    small_steps,
)

__all__ = ["events", "small_steps"]

pytestmark = pytest.mark.django_db


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
        assert count(asked).number in (len(expected), min(len(expected), MOST + 1))

    compare()


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


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("details", [{"note": "Kept ONCE"}, {"note": "Größe, kept twice"}])
def test_details_are_found_however_they_are_kept(details: dict[str, str]) -> None:
    """The searched text does not repeat what the details have."""
    event = make_event(details=details)
    asked = Question(text=fold(details["note"]))

    before = all_pages(asked)
    extend(seconds=60)

    stored = AuditEvent.objects.get()
    assert before == all_pages(asked) == [event.pk]
    assert (fold(details["note"]) in stored.search_text) is not details["note"].isascii()


def test_text_may_go_on_in_the_details() -> None:
    """The lines of an event and its details are one text, however they are kept."""
    event = make_event(details={"note": "kept once"})

    assert all_pages(Question(text='\n{"note":"kept')) == [event.pk]
    assert all_pages(Question(text='{"note":"kept')) == [event.pk]
    assert all_pages(Question(text='\n{"other')) == []


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("users", [("user0", "user1"), ("user0", "user1", "user0")])
@pytest.mark.parametrize("actions", [(), (SOME_ACTIONS[0], SOME_ACTIONS[1], SOME_ACTIONS[0])])
def test_who_is_asked_for_twice_is_found_once(
    events: list[AuditEvent], users: tuple[str, ...], actions: tuple[str, ...]
) -> None:
    asked = Question(users=users, actions=actions)

    assert all_pages(asked) == [event.pk for event in reversed(events) if fits(event, asked)]
    assert count(asked).number == min(sum(fits(event, asked) for event in events), MOST + 1)


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
