"""What any search must find, by a plain walk through all events; and the same by pages."""

import pytest
from django.db import connection

from audit.actions import AuditAction
from audit.models import AuditEvent
from audit.search import find as finding
from audit.search import index_file, indexing
from audit.search.find import find
from audit.search.indexing import extend
from audit.search.question import Question
from audit.searchable import searchable_text
from tests.audit.crowd import crowd, save
from tests.audit.proofs import FULL

EVENTS = 20_000 if FULL else 500
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own index")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own")
SOME_ACTIONS = [action.value for action in AuditAction][:12]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a thousand events take every path that ten million would."""
    monkeypatch.setattr("audit.search.windows.FIRST", 100)
    monkeypatch.setattr("audit.search.facets.NARROW", 50)
    monkeypatch.setattr(finding, "GLANCE", 20)
    monkeypatch.setattr(finding, "PROBE", 60)
    monkeypatch.setattr(finding, "WALK", 300)
    monkeypatch.setattr(finding, "CANDIDATES", 16)
    monkeypatch.setattr(finding, "INDEX_WINDOW", 200)
    monkeypatch.setattr("audit.search.count.BUDGET", 60)


def fits(event: AuditEvent, asked: Question) -> bool:
    """Nothing clever."""
    kind, _, identifier = asked.target.partition(":")
    return all(
        (
            not asked.users or event.user in asked.users,
            not asked.actions or event.action in asked.actions,
            not asked.outcomes or event.outcome in asked.outcomes,
            not asked.target
            or asked.target in (event.target_id, event.target_label)
            or bool(identifier and (event.target_kind, event.target_id) == (kind, identifier)),
            not asked.source or event.source == asked.source,
            asked.operation is None or event.operation == asked.operation,
            asked.since is None or event.time >= asked.since,
            asked.until is None or event.time <= asked.until,
            asked.text in searchable_text(event),
        )
    )


def all_pages(asked: Question, *, limit: int = 7, budget: float = 60) -> list[int]:
    """Ids of every page, in the order in which they are shown."""
    found = find(asked, limit=limit, budget=budget)
    ids = [event.pk for event in found.events]
    while found.before is not None:
        found = find(asked, limit=limit, before=found.before, budget=budget)
        ids += [event.pk for event in found.events]
    return ids


@pytest.fixture
def events() -> list[AuditEvent]:
    """Saved, oldest first."""
    made = list(crowd(EVENTS, actions=SOME_ACTIONS))
    save(made)
    return made


def index_up_to(last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the worker had come so far and no further."""
    index_file.forget()
    with monkeypatch.context() as patch:
        patch.setattr(indexing, "ROWS", last)
        extend(seconds=0)
