"""PostgreSQL's parts: what none of them has is not looked for, and none is left out."""

import pytest
from django.db import connection

from audit.canonical import fold
from audit.models import Archive, AuditEvent
from audit.search import find as finding
from audit.search import gin, parts
from audit.search.find import find
from audit.search.indexing import extend
from audit.search.question import Question, Span
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event
from tests.audit.leaving import archive, leave
from tests.audit.walking import EVENTS, all_pages, events, fits, on_postgresql, small_steps

__all__ = ["events", "small_steps"]

pytestmark = [pytest.mark.django_db, on_postgresql]
PART = 32
TEXTS = ('"}', "}", "de", "zz", "ß", "\U0001f6a2", "İ", "o'neill", "a_b", "b a_b")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "EVENTS", PART)
    monkeypatch.setattr(parts, "CHUNK", 10)


def looked_at(text: str) -> list[Span]:
    return parts.that_may_have(text, Span(1, EVENTS))


@pytest.mark.usefixtures("small_steps")
def test_text_is_found_by_parts_as_by_a_walk(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shortest, and all where there is no text index; however often it has to go on."""
    monkeypatch.setattr(finding, "PROBE", 0)
    monkeypatch.setattr(finding, "WALK", 0)
    monkeypatch.setattr(gin, "exists", lambda: False)
    extend(seconds=60)

    for text in TEXTS:
        asked = Question(text=fold(text))
        expected = [event.pk for event in reversed(events) if fits(event, asked)]
        assert all_pages(asked, limit=60) == expected
        assert all_pages(asked, limit=EVENTS, budget=0) == expected


@pytest.mark.parametrize("edge", [1, PART, PART + 1, 2 * PART, 2 * PART + 1])
def test_only_event_with_a_text_is_found_at_the_border_of_a_part(
    monkeypatch: pytest.MonkeyPatch, edge: int
) -> None:
    for number in range(1, 3 * PART + 1):
        make_event(details={"note": "ŵŷ" if number == edge else "none"})
    monkeypatch.setattr(finding, "PROBE", 0)
    extend(seconds=60)

    assert all_pages(Question(text="ŵŷ")) == all_pages(Question(text="ŷ")) == [edge]
    assert [edge in range(part.low, part.high + 1) for part in looked_at("ŵŷ")] == [False, True]


@pytest.mark.usefixtures("events")
def test_parts_without_a_text_are_not_looked_at() -> None:
    extend(seconds=60)
    whole = EVENTS - EVENTS % PART

    assert looked_at("zq") == [Span(whole + 1, EVENTS)]
    assert parts.that_may_have("zq", Span(1, whole)) == []


@pytest.mark.usefixtures("events")
def test_parts_follow_in_steps() -> None:
    assert not extend(seconds=0)
    assert looked_at("zq") == [Span(PART + 1, EVENTS)]

    assert extend(seconds=60)


@pytest.mark.usefixtures("events")
def test_part_of_very_many_pairs_may_have_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST", 50)
    extend(seconds=60)

    assert sum(part.size for part in looked_at("zq")) == EVENTS


@pytest.mark.usefixtures("events", "small_steps")
def test_parts_of_other_events_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table was restored, and went another way from there."""
    monkeypatch.setattr(finding, "PROBE", 0)
    extend(seconds=60)
    with without_triggers():
        newest = EVENTS - EVENTS % PART
        AuditEvent.objects.filter(id=newest).update(hash="0" * 64, search_text="zq")

    assert looked_at("zq") == [Span(1, EVENTS)]
    extend(seconds=60)
    assert all_pages(Question(text="zq")) == [newest]


@pytest.mark.usefixtures("events", "small_steps")
def test_parts_leave_with_their_events() -> None:
    extend(seconds=60)
    archive(last=2 * PART + 3)
    leave(last=2 * PART + 3)
    extend(seconds=60)

    with connection.cursor() as cursor:
        cursor.execute("SELECT min(first_id) FROM audit_textpart")
        assert cursor.fetchone() == (2 * PART + 1,)
    assert Archive.objects.exists()
    assert find(Question(text="zq"), limit=7).events == []
