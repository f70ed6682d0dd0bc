"""Who is let in where: every route, every method, every kind of caller, held to ``access.txt``."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from accounts.models import Administrator
from accounts.services.policy import change_policy
from accounts.services.tokens import create_token
from audit.actor import Actor
from cluster.models import Cluster
from tests.access import read_table, word
from tests.accounts.factories import (
    enable_totp,
    log_in_directly,
    make_administrator,
    make_auditor,
)
from tests.cluster.conftest import cluster, joining, member, newcomer, tls_certificate
from tests.cluster.factories import Newcomer
from tests.routes import METHODS, all_routes

__all__ = ["cluster", "joining", "member", "newcomer", "tls_certificate"]

pytestmark = pytest.mark.django_db
OPEN = {
    "": "the start page sends strangers to log in, and says on a worker where the leader is",
    "healthz": "says up or down, and nothing else",
    "readyz": "says ready or not, and nothing else",
    "login/": "the way in",
    "api/v1/auth/login/": "the way in",
    "agent/v1/leadership": "who leads is asked by nodes that do not know whom to trust yet",
    "agent/v1/enrol": "a machine that joins proves itself by its code and its key",
}
"""Routes that answer strangers, and why."""
ROUTES = {route.pattern: route for route in all_routes()}
TABLE = read_table()


@dataclass(frozen=True)
class Callers:
    """The kinds of callers, each as the client that it comes with."""

    ann: Administrator
    node: Newcomer
    audience: str

    def stranger(self) -> Client:
        return _client()

    def password(self) -> Client:
        """S49: logged in by the password alone, though there is a second factor."""
        enable_totp(self.ann)
        client = _client()
        client.force_login(self.ann)
        return client

    def auditor(self) -> Client:
        return _browser(make_auditor())

    def admin(self) -> Client:
        return _browser(self.ann)

    def stale(self) -> Client:
        """An administrator whose last proof is too old."""
        client = _client()
        client.force_login(self.ann)
        return client

    def reader(self) -> Client:
        return _program(self.ann, read_only=True)

    def token(self) -> Client:
        return _program(self.ann)

    def node_key(self) -> Client:
        """A member's agent."""
        return _bearer(self.node.agent.token(audience=self.audience))

    def network(self) -> Client:
        """An administrator from where the account may not be used."""
        client = self.admin()
        Administrator.objects.update(allowed_networks=["192.0.2.0/24"])
        return client

    def first(self) -> Client:
        """Somebody who has to change a first password."""
        return _browser(make_administrator("bob", must_change_password=True))

    def factorless(self) -> Client:
        """S49: the cluster asks everybody for a second factor, and this one has none."""
        change_policy(actor=Actor.root(), second_factor_required=True)
        return self.admin()


KINDS: dict[str, Callable[[Callers], Client]] = {
    name: getattr(Callers, name)
    for name in (
        "stranger",
        "password",
        "auditor",
        "admin",
        "stale",
        "reader",
        "token",
        "node_key",
        "network",
        "first",
        "factorless",
    )
}


def _client(**headers: Any) -> Client:
    """On another machine; what crashes is answered as in production."""
    return Client(REMOTE_ADDR="198.51.100.1", raise_request_exception=False, **headers)


def _browser(person: Administrator) -> Client:
    client = _client()
    log_in_directly(client, person)
    return client


def _program(person: Administrator, **values: Any) -> Client:
    return _bearer(create_token(person, actor=Actor.system(), name="program", **values)[1])


def _bearer(token: str) -> Client:
    return _client(HTTP_AUTHORIZATION=f"Bearer {token}")


@pytest.fixture(autouse=True)
def _without_throttles_and_logs() -> Iterator[None]:
    """Each test begins with no limit reached; a thousand refusals are no news."""
    logging.disable(logging.CRITICAL)
    cache.clear()
    yield
    cache.clear()
    logging.disable(logging.NOTSET)


@pytest.fixture
def callers(member: Newcomer, cluster: Cluster) -> Callers:
    """On a leader, with all routes there, and another node."""
    return Callers(make_administrator("ann"), member, str(cluster.uuid))


def ask(client: Client, method: str, path: str) -> str:
    """The word for the answer; nothing is left of what the request did."""
    cookies = client.cookies.copy()
    try:
        with transaction.atomic():
            answer = getattr(client, method)(path)
            said = word(answer)
            b"".join(answer)
            transaction.set_rollback(True)
    finally:
        client.cookies = cookies
    return said


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

    answered = ask_all(client, [(row.pattern, row.method) for row in TABLE])

    assert answered == {row.name: row.words[kind] for row in TABLE}


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

    answered = ask_all(client, [(row.pattern, row.method) for row in TABLE])

    assert answered == {row.name: row.words["stranger"] for row in TABLE}


def test_what_is_open_to_strangers_has_a_reason() -> None:
    """And a reason for what is gone goes too."""
    assert {row.pattern for row in TABLE if row.words["stranger"] == "open"} == set(OPEN)


def test_nothing_crashes_for_anybody() -> None:
    assert [row.name for row in TABLE if "crash" in row.words.values()] == []
