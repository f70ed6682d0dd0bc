"""Old events leave the table for an archive while people search (S57)."""

from typing import Any

import pytest

from audit.actions import AuditAction
from audit.bounds import read_bounds
from audit.models import AuditEvent
from audit.search import find as finding
from audit.search.choices import occurring_users
from audit.search.count import count
from audit.search.find import find
from audit.search.indexing import extend
from audit.search.question import Question
from tests.audit.factories import make_event, person
from tests.audit.leaving import archive, leave
from tests.audit.walking import EVENTS, all_pages, events, fits, small_steps

__all__ = ["events", "small_steps"]
pytestmark = pytest.mark.django_db
NEEDLE = Question(text="certificate")
asking = pytest.mark.parametrize(
    "asked", [NEEDLE, Question(), Question(users=("user1",))], ids=["text", "all", "user"]
)


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("indexed", [False, True], ids=["little indexed", "indexed"])
@asking
def test_what_has_left_is_neither_found_nor_counted(
    events: list[AuditEvent], asked: Question, indexed: bool
) -> None:
    extend(seconds=60 * indexed)
    archive(last=EVENTS // 2)
    leave(last=EVENTS // 2)

    expected = [each.pk for each in reversed(events) if each.pk > EVENTS // 2 and fits(each, asked)]
    assert all_pages(asked) == expected
    assert count(asked).number == len(expected)


@pytest.mark.usefixtures("events", "small_steps")
@pytest.mark.parametrize(
    ("step", "asked"),
    [
        ("search_ids", NEEDLE),
        ("search_ids", Question(users=("user1",))),
        ("span_of", Question()),
    ],
    ids=["text", "user", "all"],
)
def test_event_that_leaves_between_two_steps_of_a_search_is_left_out(
    monkeypatch: pytest.MonkeyPatch, step: str, asked: Question
) -> None:
    """Whoever began to search an hour ago holds ids that are gone."""
    expected = [pk for pk in all_pages(asked) if pk > EVENTS - 20]
    look = getattr(finding, step)

    def look_slowly(*given: Any, **options: Any) -> Any:
        found = look(*given, **options)
        leave(last=EVENTS - 20)
        return found

    monkeypatch.setattr(finding, step, look_slowly)

    assert [event.pk for event in find(asked, limit=EVENTS).events] == expected


@pytest.mark.usefixtures("events", "small_steps")
def test_search_that_was_overtaken_by_the_archive_still_says_how_far_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = finding.search_ids

    def look_slowly(*given: Any, **options: Any) -> Any:
        found = look(*given, **options)
        leave(last=EVENTS - 1)
        return found

    monkeypatch.setattr(finding, "search_ids", look_slowly)

    found = find(Question(text="nothing like it"), limit=7, budget=0)

    assert found.before is not None
    assert found.searched_back_to == AuditEvent.objects.get().time


def test_names_of_what_has_left_are_not_offered() -> None:
    make_event(actor=person("bob"))
    make_event(actor=person("ann"))
    archive(last=1)

    assert occurring_users() == ["ann"]


def test_everything_may_leave() -> None:
    make_event()
    extend(seconds=60)
    archive(last=1)
    leave(last=1)

    assert (read_bounds().start, read_bounds().end) == (2, 1)
    assert (find(NEEDLE, limit=7).events, count(Question()).number) == ([], 0)
    new = make_event(AuditAction.NODE_CHANGED, details={"note": "certificate"})
    assert extend(seconds=60)
    assert all_pages(NEEDLE) == [new.pk]
