"""The users and actions that occur, from the indexes: a step for each name, not each event."""

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
        SELECT 1 FROM audit_auditevent WHERE {column} = occurring.name AND id >= %s LIMIT 1
    ) IS NOT NULL ORDER BY name
"""
"""Not EXISTS, of which PostgreSQL would make a join with the whole table."""


def occurring_users() -> list[str]:
    """In the trail that people see, by name."""
    return fetch(STATEMENT.format(column='"user"'), [read_bounds().start])


def occurring_actions() -> list[str]:
    """In the trail that people see, by name."""
    return fetch(STATEMENT.format(column="action"), [read_bounds().start])
