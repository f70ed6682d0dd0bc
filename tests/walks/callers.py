"""The kinds of callers that there are, and requests whose effects are undone."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
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
from tests.accounts.factories import (
    enable_totp,
    log_in_directly,
    make_administrator,
    make_auditor,
)
from tests.cluster.conftest import (
    cluster,
    joining,
    member,
    newcomer,
    nobody_is_awaited,
    tls_certificate,
)
from tests.cluster.factories import Newcomer

__all__ = ["cluster", "joining", "member", "newcomer", "nobody_is_awaited", "tls_certificate"]


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


@pytest.fixture
def quiet() -> Iterator[None]:
    """Each test begins with no limit reached; a thousand refusals are no news."""
    logging.disable(logging.CRITICAL)
    cache.clear()
    yield
    cache.clear()
    logging.disable(logging.NOTSET)


@pytest.fixture
def callers(quiet: None, member: Newcomer, cluster: Cluster) -> Callers:
    """On a leader, with all routes there, and another node."""
    return Callers(make_administrator("ann"), member, str(cluster.uuid))


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Nothing is left of what happens inside, be it in the database or in the browser."""
    cookies = copy(client.cookies)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        client.cookies = cookies
