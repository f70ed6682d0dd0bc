"""Where the trail begins that people see here, and where it ends; by plain SQL, for every look."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from audit.actions import AuditAction
from audit.blocks import BITS, BLOCK, NEWEST_FIRST, OLDEST_FIRST

NEWEST = "SELECT id FROM audit_auditevent WHERE action = %s ORDER BY {newest_first} LIMIT 1"
ENDS = f"""
    SELECT (SELECT last_id FROM audit_audithead WHERE id = 1),
           (SELECT max(last_id) FROM audit_archive),
           ({NEWEST})
"""  # noqa: S608  # our own names
SINCE = f"""
    SELECT ({NEWEST}),
           (SELECT id FROM audit_auditevent WHERE action = %s AND {BLOCK} >= %s AND id > %s
            ORDER BY {{oldest_first}} LIMIT 1)
"""  # noqa: S608  # our own names
FIRST = """
    WITH RECURSIVE step(low, high) AS (
        SELECT CAST(%s AS bigint), CAST(%s AS bigint)
        UNION ALL
        SELECT CASE WHEN {0} THEN (low + high) / 2 + 1 ELSE low END,
               CASE WHEN {0} THEN high ELSE (low + high) / 2 END
        FROM step WHERE low < high
    )
    SELECT low FROM step WHERE low >= high
"""
EARLIER = """
    coalesce((SELECT time {} %s FROM audit_auditevent WHERE id >= (low + high) / 2
              ORDER BY id LIMIT 1), 1 = 0)
"""
"""One that has left for an archive meanwhile, or that somebody took away, is as the next one."""
BEFORE, UP_TO = FIRST.format(EARLIER.format("<")), FIRST.format(EARLIER.format("<="))


class Bounds(NamedTuple):
    """Ids of the first and the last event."""

    start: int
    end: int

    def since(self, moment: datetime) -> int:
        """Id of the first event that is not earlier; one beyond the end where there is none."""
        return self._first(BEFORE, moment)

    def until(self, moment: datetime) -> int:
        """Id of the last event that is not later; one before the start where there is none."""
        return self._first(UP_TO, moment) - 1

    def _first(self, statement: str, moment: datetime) -> int:
        """By halves: time order is id order, and ids have no gap."""
        if self.end < self.start:
            return self.start
        time = connection.ops.adapt_datetimefield_value(moment)
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.start, self.end + 1, time, time])
            return int(cursor.fetchone()[0])


def read_bounds() -> Bounds:
    """A node that created its cluster shows everything; one that joined and was promoted begins
    with the event by which it took the leadership (S59). What an archive has is not shown.
    """
    with connection.cursor() as cursor:
        cursor.execute(_in_order(ENDS), [AuditAction.CLUSTER_JOINED])
        end, archived, joined = cursor.fetchone()
        first = (archived or 0) + 1
        if joined is None:
            return Bounds(first, end or 0)
        created, taken = AuditAction.CLUSTER_CREATED, AuditAction.LEADERSHIP_TAKEN
        cursor.execute(_in_order(SINCE), [created, taken, joined >> BITS, joined])
        last_created, taken_since = cursor.fetchone()
    is_own = last_created is not None and last_created > joined
    return Bounds(max(first, 1 if is_own else taken_since or 1), end or 0)


def newest_of(action: AuditAction) -> int | None:
    """Id of the last event of an action, whether people see it here or not."""
    with connection.cursor() as cursor:
        cursor.execute(_in_order(NEWEST), [action])
        row = cursor.fetchone()
    return row[0] if row else None


def _in_order(statement: str) -> str:
    vendor = connection.vendor
    return statement.format(newest_first=NEWEST_FIRST[vendor], oldest_first=OLDEST_FIRST[vendor])
