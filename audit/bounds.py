"""Where the trail begins that people see here, and where it ends; by plain SQL, for every look."""

from typing import NamedTuple

from django.db import connection

from audit.actions import AuditAction

ENDS = """
    SELECT (SELECT last_id FROM audit_audithead WHERE id = 1),
           (SELECT max(last_id) FROM audit_archive),
           (SELECT max(id) FROM audit_auditevent WHERE action = %s)
"""
SINCE = """
    SELECT (SELECT max(id) FROM audit_auditevent WHERE action = %s AND id > %s),
           (SELECT min(id) FROM audit_auditevent WHERE action = %s AND id > %s)
"""


class Bounds(NamedTuple):
    """Ids of the first and the last event."""

    start: int
    end: int


def read_bounds() -> Bounds:
    """A node that created its cluster shows everything; one that joined and was promoted begins
    with the event by which it took the leadership (S59). What an archive has is not shown.
    """
    with connection.cursor() as cursor:
        cursor.execute(ENDS, [AuditAction.CLUSTER_JOINED])
        end, archived, joined = cursor.fetchone()
        first = (archived or 0) + 1
        if joined is None:
            return Bounds(first, end or 0)
        created, taken = AuditAction.CLUSTER_CREATED, AuditAction.LEADERSHIP_TAKEN
        cursor.execute(SINCE, [created, joined, taken, joined])
        created_since, taken_since = cursor.fetchone()
    return Bounds(max(first, 1 if created_since else taken_since or 1), end or 0)
