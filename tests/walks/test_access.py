"""Who is let in where: every route, every method, every kind of caller, held to ``access.txt``."""

from collections.abc import Iterable
from itertools import product

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Administrator
from tests.access import read_table, word
from tests.routes import METHODS, all_routes
from tests.walks.callers import KINDS, Callers, undone

pytestmark = pytest.mark.django_db
OPEN = {
    "": "the start page sends strangers to log in, and says on a worker where the leader is",
    "healthz": "says up or down, and nothing else",
    "readyz": "says ready or not, and nothing else",
    "help/": "the manual is for who cannot log in, too",
    "help/<slug:slug>/": "a chapter of it, which has no secret and nothing of this cluster",
    "login/": "the way in",
    "api/v1/auth/login/": "the way in",
    "agent/v1/leadership": "who leads is asked by nodes that do not know whom to trust yet",
    "agent/v1/enrol": "a machine that joins proves itself by its code and its key",
}
"""Routes that answer strangers, and why."""
ROUTES = {route.pattern: route for route in all_routes()}
TABLE = read_table()
ROWS = [row for row in TABLE if row.pattern in ROUTES]
"""Those whose route is there still; one test tells of the others."""


def ask(client: Client, method: str, path: str) -> str:
    """The word for the answer."""
    with undone(client):
        answer = getattr(client, method)(path)
        b"".join(answer)
        return word(answer)


def ask_all(client: Client, asked: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The word for each pattern and method, by both."""
    cache.clear()
    return {
        f"{pattern or '/'} {method}": ask(client, method, ROUTES[pattern].path)
        for pattern, method in asked
    }


@pytest.mark.parametrize("kind", KINDS)
def test_this_kind_of_caller_is_answered_as_the_table_says(kind: str, callers: Callers) -> None:
    """S42, S49: row by row; what a request has done is undone before the next."""
    client = KINDS[kind](callers)

    answered = ask_all(client, [(row.pattern, row.method) for row in ROWS])

    assert answered == {row.name: row.words[kind] for row in ROWS}


def test_table_has_every_method_that_a_route_takes(callers: Callers) -> None:
    """A route without a row fails here, and so does a row without a route."""
    answered = ask_all(callers.admin(), product(ROUTES, METHODS))

    taken = {name for name, said in answered.items() if said != "-"}
    assert taken == {row.name for row in TABLE}


def test_stranger_learns_no_more_by_asking_what_there_is(callers: Callers) -> None:
    answered = ask_all(callers.stranger(), product(ROUTES, ("head", "options")))

    closed = {row.pattern or "/" for row in TABLE if row.words["stranger"] != "open"}
    told = {name for name, said in answered.items() if said not in ("login", "-")}
    assert {name for name in told if name.split()[0] in closed} == set()


def test_token_of_somebody_who_was_deleted_opens_no_more_than_none(callers: Callers) -> None:
    client = callers.token()
    Administrator.objects.all().delete()

    answered = ask_all(client, [(row.pattern, row.method) for row in ROWS])

    assert answered == {row.name: row.words["stranger"] for row in ROWS}


def test_what_is_open_to_strangers_has_a_reason() -> None:
    """And a reason for what is gone goes too."""
    assert {row.pattern for row in TABLE if row.words["stranger"] == "open"} == set(OPEN)


def test_nothing_crashes_for_anybody() -> None:
    assert [row.name for row in TABLE if "crash" in row.words.values()] == []
