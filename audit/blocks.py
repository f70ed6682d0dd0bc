"""The order of the indexes: on PostgreSQL they have the block of an event instead of its id.

Many events share an entry so, which is a quarter of the size; an event is looked for among its
block's. SQLite's have the row number in any case, and nothing to gain.
"""

from typing import TypeVar

from django.db import connection
from django.db.models import F, Model, QuerySet

AnyEvent = TypeVar("AnyEvent", bound=Model)

BITS = 12
"""Of an id, that its block leaves out."""
BLOCK = f"id >> {BITS}"
NEWEST_FIRST = {"sqlite": "id DESC", "postgresql": f"{BLOCK} DESC, id DESC"}
"""PostgreSQL walks back through all events rather than use an index that has another order."""
OLDEST_FIRST = {"sqlite": "id", "postgresql": f"{BLOCK}, id"}


def newest_first(found: QuerySet[AnyEvent]) -> QuerySet[AnyEvent]:
    """In one query, for what an index finds."""
    if connection.vendor != "postgresql":
        return found.order_by("-id")
    return found.order_by(F("id").bitrightshift(BITS).desc(), "-id")
