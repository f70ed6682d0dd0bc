"""Browsers of several people, and machines in several roles."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Administrator
from tests.accounts.factories import log_in_directly
from tests.fakes import FakeAgent

LEADER = {
    "id": 1,
    "fqdn": "node1.example.org",
    "console_url": "https://node1.example.org:8443",
    "identity_key": "A" * 43,
    "tls_fingerprint": "ab" * 32,
}


@pytest.fixture(autouse=True)
def forget_the_agents_status() -> None:
    """Pages keep it for two seconds, which is longer than a test."""
    cache.clear()


@pytest.fixture
def administrator(db: None) -> Administrator:
    return Administrator.objects.create(username="alice")


@pytest.fixture
def browser(administrator: Administrator) -> Client:
    """An administrator's browser."""
    client = Client()
    log_in_directly(client, administrator)
    return client


@pytest.fixture
def auditor(db: None) -> Client:
    """The browser of somebody who may only read."""
    client = Client()
    person = Administrator.objects.create(username="olga", role=Administrator.Role.AUDITOR)
    log_in_directly(client, person)
    return client


@pytest.fixture
def stranger(db: None) -> Client:
    return Client()


def become(agent: FakeAgent, role: str, **values: Any) -> None:
    """Write ``node.json`` as the agent of a node in that role does."""
    identity = {
        "schema": 1,
        "role": role,
        "node_id": 3,
        "cluster": "0b5c64c1-6d2f-4d0b-9d4c-111111111111",
        "term": 1,
        "leader": LEADER,
        "fqdn": "node3.example.org",
        "joining": None,
        "reason": None,
    }
    agent.node_file.parent.mkdir(parents=True, exist_ok=True)
    agent.node_file.write_text(json.dumps(identity | values))


@pytest.fixture
def worker(local_agent: FakeAgent) -> FakeAgent:
    """This machine is node 3 of a cluster that node 1 leads."""
    become(local_agent, "worker")
    return local_agent
