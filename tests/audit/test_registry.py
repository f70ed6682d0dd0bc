"""Each action is done for real by each way in, and leaves the one event that it should."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import get_commands
from django.utils import timezone

from audit.actions import AuditAction
from audit.allowed import ALLOWED
from audit.canonical import canonical_json
from audit.models import AuditEvent
from audit.redaction import REDACTED
from cluster.management.actions import ACTIONS
from cluster.models import Operation
from nodes import role
from nodes.models import Node
from tests.access import read_table
from tests.audit.registry import (
    accounts,
    applications,
    backups,
    domains,
    leading,
    nodes,
    operations,
    passkeys,
    people,
    trail,
)
from tests.audit.registry.rows import ROWS, Row
from tests.audit.registry.unrecorded import UNRECORDED
from tests.audit.registry.world import SUDO, World
from tests.cluster.backups import elsewhere, jobs
from tests.cluster.conftest import (
    cluster,
    fleet,
    joining,
    leader,
    member,
    newcomer,
    pair,
    resolvable_names,
    tls_certificate,
)
from tests.cluster.factories import hear_from
from tests.cluster.network import network
from tests.fakes import FakeAgent, local_agent

__all__ = [
    "cluster",
    "elsewhere",
    "fleet",
    "jobs",
    "joining",
    "leader",
    "local_agent",
    "member",
    "network",
    "newcomer",
    "pair",
    "resolvable_names",
    "tls_certificate",
]
MODULES = (
    *(accounts, applications, backups, domains, leading),
    *(nodes, operations, passkeys, people, trail),
)
"""They fill the table."""
pytestmark = pytest.mark.django_db
WAYS = {row.way for row in ROWS}
APPS = ("audit", "accounts", "nodes", "cluster")


@pytest.fixture(autouse=True)
def _as_root_by_sudo(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> Iterator[None]:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(django_settings.FLOTILLA, "INVOKING_USER", SUDO)
    monkeypatch.setattr("cluster.management.root.GRACE", timedelta(seconds=-60))
    settings.STATE_DIR = tmp_path
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def any_details() -> None:
    """Here only those that are allowed."""


@pytest.fixture
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(request, monkeypatch)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command waits, this machine's own agent syncs, and time goes on."""

    def sync(seconds: float) -> None:
        Operation.objects.update(due_at=timezone.now())
        for node in Node.objects.filter(role=Node.Role.LEADER):
            hear_from(node.pk)

    monkeypatch.setattr("cluster.management.root.time.sleep", sync)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits gives up at once."""

    def give_up(seconds: float) -> None:
        Operation.objects.update(deadline=timezone.now(), due_at=timezone.now())

    monkeypatch.setattr("cluster.management.root.time.sleep", give_up)


@pytest.fixture
def removed_machine(
    local_agent: FakeAgent, member: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine was node 2 of a cluster, and was removed from it."""
    key = member.agent.status()["keys"]["identity_key"]
    member.agent.depart(local_agent.farewell(node_id=2, identity_key=key))
    settings.LOCAL_AGENT = member.agent
    monkeypatch.setattr(settings.FLOTILLA, "NODE_FILE", member.agent.node_file)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.action}, {row.way}")
def test_deed_leaves_its_one_event(row: Row, world: World) -> None:
    """S44, S56: who did what to what, from where, how, with what result; all of it may be told.

    A deed takes a twentieth of a second, so it is done once for everything that is asked of it.
    """
    began = timezone.now()

    expected = row.deed(world)

    event = AuditEvent.objects.get(action=row.action, pk__gt=world.begun)
    fields = {"term": role.current().term, **expected.fields(row.interface)}
    assert {name: getattr(event, name) for name in fields} == fields
    assert sorted(event.details) == expected.details.split()
    assert began <= event.time <= timezone.now()
    assert event.target_label or not event.target_kind
    assert re.fullmatch(row.request_ids, event.request_id)
    assert REDACTED not in canonical_json(event.details)


def test_every_action_is_done() -> None:
    assert set(AuditAction) - {row.action for row in ROWS} == set()


def test_every_way_in_is_gone() -> None:
    """Routes that change something, commands, and root's actions."""
    routes = {row.name for row in read_table() if row.method != "get"}
    ours = {name for name, app in get_commands().items() if app in APPS}
    commands = {f"command {name}" for name in ours} | {f"api-cli {name}" for name in ACTIONS}

    assert (routes | commands) - WAYS - set(UNRECORDED) == set()
    assert set(UNRECORDED) <= routes | commands


def test_every_action_says_what_its_details_may_be() -> None:
    assert set(ALLOWED) == set(AuditAction)


def test_no_deed_is_done_twice() -> None:
    times = Counter((row.action, row.way) for row in ROWS)

    assert [each for each, count in times.items() if count > 1] == []


def test_reason_for_what_is_recorded_meanwhile_goes() -> None:
    assert WAYS & set(UNRECORDED) == set()
