"""The users and actions that occur, from the indexes: a step for each name, not each event."""

from django.db import connection

from audit.blocks import NEWEST_FIRST
from audit.bounds import read_bounds
from audit.search.sql import fetch

STATEMENT = """
    WITH RECURSIVE occurring(name) AS (
        SELECT min({column}) FROM audit_auditevent
        UNION ALL
        SELECT (SELECT min({column}) FROM audit_auditevent WHERE {column} > occurring.name)
        FROM occurring WHERE occurring.name IS NOT NULL
    )
    SELECT name FROM occurring WHERE (
        SELECT 1 FROM audit_auditevent WHERE {column} = occurring.name AND id >= %s
        ORDER BY {order} LIMIT 1
    ) IS NOT NULL ORDER BY name
"""
"""Not EXISTS, of which PostgreSQL would make a join with the whole table; and in the order of the
index, for it would rather look through all events than trust that there is one.
"""


def occurring_users() -> list[str]:
    """In the trail that people see, by name."""
    return _occurring('"user"')


def occurring_actions() -> list[str]:
    """In the trail that people see, by name."""
    return _occurring("action")


def _occurring(column: str) -> list[str]:
    statement = STATEMENT.format(column=column, order=NEWEST_FIRST[connection.vendor])
    return fetch(statement, [read_bounds().start])
