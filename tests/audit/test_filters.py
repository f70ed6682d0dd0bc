"""Each filter alone, every two of them, and all together, found and not found (S57)."""

from datetime import timedelta
from itertools import combinations, product
from typing import Any
from uuid import UUID

import pytest

from audit.models import AuditEvent
from audit.search.indexing import extend
from audit.search.question import Question
from tests.audit.crowd import START
from tests.audit.walking import all_pages, events, fits, small_steps

__all__ = ["events", "small_steps"]

pytestmark = pytest.mark.django_db


def parts_of(event: AuditEvent) -> dict[str, Any]:
    """Each filter, with what finds the event."""
    return {
        "users": (event.user, "nobody"),
        "actions": (event.action, "node.joined"),
        "outcomes": (event.outcome,),
        "target": event.target_label,
        "source": event.source,
        "operation": event.operation,
        "since": event.time - timedelta(hours=3),
        "until": event.time + timedelta(hours=3),
        "text": "node-",
    }


NOWHERE = {
    "users": ("nobody",),
    "actions": ("no.such.action",),
    "target": "node:99",
    "source": "198.51.100.1",
    "operation": UUID(int=99),
    "since": START + timedelta(days=3650),
    "until": START - timedelta(days=1),
    "text": "no such text",
}


@pytest.mark.usefixtures("small_steps")
def test_each_filter_alone_all_pairs_and_all_together(events: list[AuditEvent]) -> None:
    """And each of them that finds nothing, alone and with every other."""
    extend(seconds=60)
    parts = parts_of(next(event for event in events[99:] if event.operation and event.target_kind))
    alone = [{name: value} for name, value in parts.items()]
    pairs = [dict(pair) for pair in combinations(parts.items(), 2)]
    nowhere = [{name: value} for name, value in NOWHERE.items()]
    with_others = [{**one, **none} for one, none in product(alone, nowhere)]

    for asked in (Question(**values) for values in (*alone, *pairs, parts)):
        expected = [event.pk for event in reversed(events) if fits(event, asked)]
        assert expected, asked
        assert all_pages(asked, limit=100) == expected, asked
    for asked in (Question(**values) for values in (*nowhere, *with_others)):
        assert all_pages(asked, limit=100) == [], asked
