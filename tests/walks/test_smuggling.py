"""Fields that nobody may set, sent to every form and every endpoint in eight ways."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import Administrator, Authenticator
from nodes.models import Node
from tests.access import Row, read_table
from tests.accounts.factories import make_administrator
from tests.cluster.factories import send_sync
from tests.routes import all_routes
from tests.walks.callers import Callers, undone

pytestmark = pytest.mark.django_db
Fields = dict[str, Any]

ROUTES = {route.pattern: route for route in all_routes()}
CHANGES = [row for row in read_table() if row.method != "get" and row.pattern in ROUTES]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
CONTRABAND = "smuggled-wares"
"""What no row may ever hold."""
NUMBER = 987_654_321
FIELDS: Fields = {
    "id": NUMBER,
    "pk": NUMBER,
    "is_superuser": True,
    "is_staff": True,
    "must_change_password": False,
    "two_factor": True,
    "totp_secret": CONTRABAND,
    "encrypted_key": CONTRABAND,
    "digest": CONTRABAND,
    "token_key": CONTRABAND,
    "state": CONTRABAND,
    "kind": CONTRABAND,
    "secret": CONTRABAND,
    "identity_key": CONTRABAND,
    "created_by": CONTRABAND,
    "failures_since_login": NUMBER,
    "failures": NUMBER,
    "user": NUMBER,
    "administrator": NUMBER,
    "expiry": "2099-09-09T09:09:09Z",
    "proved_at": "2099-09-09T09:09:09Z",
    "last_login": "2099-09-09T09:09:09Z",
}
"""What nobody sets by a request, whoever it is."""
OWN = {"role": "administrator", "is_active": True, "is_eligible": True, "username": CONTRABAND}
"""What nobody sets for themselves."""
WARES = (CONTRABAND, str(NUMBER), "2099-09-09")


def plainly(client: Client, row: Row, fields: Fields) -> Any:
    """As one more field."""
    return send(client, row, fields)


def nested(client: Client, row: Row, fields: Fields) -> Any:
    """Inside others, as objects and as the names that frameworks take apart."""
    wrappers = ("administrator", "user", "data", "set", "attributes", "account", "node")
    flat = {f"user[{name}]": value for name, value in fields.items()}
    dotted = {f"user.{name}": value for name, value in fields.items()}
    return send(client, row, dict.fromkeys(wrappers, fields) | flat | dotted)


def listed(client: Client, row: Row, fields: Fields) -> Any:
    """A list in the place of an object."""
    return send(client, row, [fields, fields])


def doubled(client: Client, row: Row, fields: Fields) -> Any:
    """Each name twice: which of them counts?"""
    pairs = [(name, value) for name, value in fields.items() for _ in "ab"]
    if is_api(row):
        body = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs)
        return call(client, row, f"{{{body}}}", JSON)
    return call(client, row, urlencode(pairs), FORM)


def in_the_query(client: Client, row: Row, fields: Fields) -> Any:
    """In the address, and once more in the body."""
    return send(client, row, fields, query=f"?{urlencode(fields)}")


def in_the_other_language(client: Client, row: Row, fields: Fields) -> Any:
    """A form to the API, JSON to a page."""
    if is_api(row):
        return call(client, row, urlencode(fields), FORM)
    return call(client, row, json.dumps(fields), JSON)


def by_another_method(client: Client, row: Row, fields: Fields) -> Any:
    """POST that says in a header and in a field what it would rather be."""
    told = {"X-HTTP-Method-Override": "PATCH", "X-Method-Override": "PUT"}
    return send(client, row, fields | {"_method": "PATCH"}, headers=told)


def as_a_prefixed_form(client: Client, row: Row, fields: Fields) -> Any:
    """Under the prefixes of wizards, of form sets and of the page that asks for a proof."""
    prefixes = ("auth", "token", "login_page", "form-0", "proof", "otp")
    more = {f"{prefix}-{name}": value for prefix in prefixes for name, value in fields.items()}
    return send(client, row, fields | more)


WAYS: tuple[Callable[[Client, Row, Fields], Any], ...] = (
    plainly,
    nested,
    listed,
    doubled,
    in_the_query,
    in_the_other_language,
    by_another_method,
    as_a_prefixed_form,
)


def is_api(row: Row) -> bool:
    return not row.pattern or row.pattern.startswith(("api/", "agent/"))


def send(client: Client, row: Row, body: Any, *, query: str = "", headers: Any = None) -> Any:
    """In the language that the route speaks."""
    if is_api(row):
        return call(client, row, json.dumps(body), JSON, query=query, headers=headers)
    pairs = body if isinstance(body, dict) else body[0]
    return call(client, row, urlencode(pairs), FORM, query=query, headers=headers)


def call(
    client: Client, row: Row, body: str, language: str, *, query: str = "", headers: Any = None
) -> Any:
    address = ROUTES[row.pattern].path + query
    return getattr(client, row.method)(address, body, content_type=language, headers=headers)


@contextmanager
def watching_writes() -> Iterator[list[str]]:
    """Statements that write some of the wares."""
    caught: list[str] = []

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")) and any(ware in str(params) for ware in WARES):
            caught.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield caught


def power() -> list[Mapping[str, Any]]:
    """Who may do what, and what they have to do for it."""
    fields = ("id", "username", "role", "is_active", "must_change_password", "allowed_networks")
    people = Administrator.objects.order_by("pk").values(*fields)
    return [*people, {"confirmed": Authenticator.objects.filter(confirmed=True).count()}]


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt."""

    power: Any
    crashed: bool = False
    written: tuple[str, ...] = ()
    """Statements that would have written some of the wares."""


def outcome(client: Client, row: Row, way: Any, fields: Fields) -> Outcome:
    cache.clear()
    with undone(client), watching_writes() as written:
        answer = way(client, row, fields)
        return Outcome(power(), answer.status_code == 500, tuple(written))


@pytest.mark.parametrize("kind", ["auditor", "admin"])
def test_nobody_smuggles_anything_in(kind: str, callers: Callers) -> None:
    """It is ignored or refused: all is as if the request had been empty."""
    make_administrator("somebody", must_change_password=True)
    client = getattr(callers, kind)()
    fields = FIELDS | OWN if kind == "auditor" else FIELDS
    tried = [(row, way) for row in CHANGES for way in WAYS]

    found = {f"{row.name}, {way.__name__}": outcome(client, row, way, fields) for row, way in tried}

    empty = {row.name: outcome(client, row, plainly, {}).power for row in CHANGES}
    assert found == {f"{row.name}, {way.__name__}": Outcome(empty[row.name]) for row, way in tried}


def test_agent_smuggles_nothing_into_its_node(callers: Callers) -> None:
    before = list(Node.objects.order_by("pk").values())

    answer = send_sync(callers.node.agent, callers.node.client, **FIELDS | OWN)

    assert answer.status_code == 200
    assert list(Node.objects.order_by("pk").values()) == before
