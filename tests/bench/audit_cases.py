"""What the audit trail is asked, and how the reference asks the same."""

from dataclasses import dataclass
from datetime import timedelta

from audit.canonical import fold
from audit.search.question import Question
from tests.bench.audit_events import ACTIONS, ARCHAEOLOGY, RARE, START, STEP, USERS

NEWEST = "newest page of 50"


@dataclass(frozen=True)
class Case:
    """A question, how the reference asks it, and what it may take."""

    name: str
    question: Question
    reference: str
    at_most: float
    """Milliseconds."""
    before: int | None = None


def cases(events: int) -> list[Case]:
    """Those of the table in ``docs/performance.md``."""
    week = START + events // 5 * STEP, START + events // 5 * STEP + timedelta(days=7)
    year = START + timedelta(days=365), START + timedelta(days=730)
    deep = events // 10
    rare_user, rare_action, port = USERS[29], ACTIONS[119], '"port":2,"ref"'
    return [
        Case(NEWEST, Question(), "TRUE", 1),
        Case(
            "user and a week, far back",
            Question(users=(USERS[3],), since=week[0], until=week[1]),
            f"\"user\" = '{USERS[3]}' AND timestamp BETWEEN '{week[0]}' AND '{week[1]}'",
            5,
        ),
        Case(
            "rare user and rare action",
            Question(users=(rare_user,), actions=(rare_action,)),
            f"\"user\" = '{rare_user}' AND action = '{rare_action}'",
            5,
        ),
        Case(
            "5 users and 5 actions, rare",
            Question(users=tuple(USERS[25:]), actions=tuple(ACTIONS[115:])),
            f'"user" IN {tuple(USERS[25:])} AND action IN {tuple(ACTIONS[115:])}',
            5,
        ),
        Case(
            "user, target and source",
            Question(users=(USERS[20],), target="node:20", source="192.0.2.30"),
            f"\"user\" = '{USERS[20]}' AND data LIKE '%192.0.2.30%'",
            100,
        ),
        Case("text, rare", Question(text=RARE), f"data LIKE '%{RARE}%'", 10),
        Case(
            "text, in the oldest fifth only",
            Question(text=ARCHAEOLOGY),
            f"data LIKE '%{ARCHAEOLOGY}%'",
            10,
        ),
        Case("text, no match", Question(text="no such words"), "data LIKE '%no such words%'", 5),
        Case("text of two characters, no match", Question(text="ðq"), "data LIKE '%ðq%'", 20),
        Case("text, common", Question(text="certificate"), "data LIKE '%certificate%'", 10),
        Case(
            "user, action, year and common text",
            Question(
                users=(USERS[2],),
                actions=(ACTIONS[70],),
                since=year[0],
                until=year[1],
                text="validated",
            ),
            f"\"user\" = '{USERS[2]}' AND action = '{ACTIONS[70]}' AND data LIKE '%validated%'"
            f" AND timestamp BETWEEN '{year[0]}' AND '{year[1]}'",
            25,
        ),
        Case(
            "text of common trigrams, no match",
            Question(text=fold(port)),
            f"data LIKE '%{port}%'",
            500,
        ),
        Case("page at 90 % depth", Question(), f"id < {deep}", 2, before=deep),
    ]
