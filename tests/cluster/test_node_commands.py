"""``remove_node`` and ``clean_start``: what root does to nodes at a shell."""

import io
import json
import os
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError
from django.utils import timezone

from audit.models import AuditEvent
from cluster.management.root import ClusterCommand
from cluster.models import Cluster, JoinCode, Operation
from nodes.agent.history import Contest
from nodes.models import Node
from tests.cluster.commanding import as_root_without_celery, is_removed, run, worker
from tests.cluster.factories import Newcomer, add_node
from tests.cluster.removals import add_application, add_provider
from tests.fakes import FakeAgent
from tests.node_files import write_node_file

__all__ = ["as_root_without_celery", "worker"]
pytestmark = pytest.mark.django_db
REMOVE = ("remove_node", "--node", "2")


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_node_is_removed_after_its_name_was_typed(
    worker: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S19, S20."""
    add_application(name="web")
    give(monkeypatch, "node2\n")

    out, err = run(*REMOVE)

    assert is_removed()
    assert "web" in err
    assert "Type node2 to confirm" in err
    assert "Shut it down" in out


@pytest.mark.parametrize("typed", ["", "y\n", "node3\n"])
def test_node_stays_when_something_else_was_typed(
    typed: str, worker: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, typed)

    with pytest.raises(CommandError, match=r"\(confirmation_mismatch\)"):
        run(*REMOVE)

    assert not Operation.objects.filter(kind="remove").exists()


def test_script_confirms_beforehand(worker: Node) -> None:
    answer = json.loads(run(*REMOVE, "--yes", "--json")[0])

    assert is_removed()
    assert (answer["operation"]["kind"], answer["operation"]["state"]) == ("remove", "succeeded")


def test_removal_by_command_is_roots(worker: Node) -> None:
    """S44."""
    run(*REMOVE, "--yes")

    event = AuditEvent.objects.get(action="node.removed")
    assert (event.user_kind, event.interface) == ("root", "command")


def test_unreachable_node_needs_force(cluster: Cluster) -> None:
    """S17."""
    add_node(2)

    with pytest.raises(CommandError, match=r"\(node_not_reachable\)"):
        run(*REMOVE, "--yes")
    run(*REMOVE, "--yes", "--force")

    assert is_removed()


def test_account_provider_keeps_its_node(worker: Node) -> None:
    """S16."""
    add_provider()

    with pytest.raises(CommandError, match=r"\(node_runs_account_provider\)"):
        run(*REMOVE, "--yes", "--force")


@pytest.mark.parametrize(("node", "code"), [("1", "node_is_leader"), ("9", "node_not_found")])
def test_what_cannot_be_removed_is_said_before_anything_is_asked(
    node: str, code: str, worker: Node
) -> None:
    """S15."""
    with pytest.raises(CommandError, match=rf"\({code}\)"):
        run("remove_node", "--node", node)


@pytest.mark.parametrize("command", [REMOVE, ("clean_start", "--yes")], ids=lambda c: c[0])
def test_command_needs_root(
    command: tuple[str, ...], worker: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CommandError, match="root"):
        run(*command)


@pytest.mark.parametrize(
    "command", [REMOVE, ("api_cli", "run", "remove-node", "--data", '{"node":2}')]
)
def test_worker_removes_nobody(
    command: tuple[str, ...], worker: Node, local_agent: FakeAgent
) -> None:
    write_node_file(local_agent.node_file, role="worker")

    with pytest.raises(CommandError, match=r"leader: node1\.example\.org"):
        run(*command)


@pytest.mark.parametrize(
    "command",
    [
        (*REMOVE, "--yes"),
        ("api_cli", "run", "remove-node", "--data", '{"node":2}'),
        ("join_code",),
    ],
)
def test_leader_in_doubt_obeys_no_command(
    command: tuple[str, ...],
    worker: Node,
    local_agent: FakeAgent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cluster.management.root.time.sleep", Mock(side_effect=AssertionError))
    local_agent.contest(Contest(node_id=2, term=2, leader=2))

    with pytest.raises(CommandError, match="node2 says that node2 leads term 2"):
        run(*command)

    assert not Operation.objects.open().exists()
    assert not JoinCode.objects.exists()


def test_command_carries_nothing_forward_on_a_leader_in_doubt(
    worker: Node, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doubt came while the command waited."""
    monkeypatch.setattr("cluster.management.root.time.sleep", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run(*REMOVE, "--yes")
    Operation.objects.open().update(due_at=timezone.now() - timedelta(seconds=2))
    begun = Operation.objects.open().get()
    local_agent.contest(Contest(node_id=2, term=2, leader=2))

    with pytest.raises(KeyboardInterrupt):
        ClusterCommand(stderr=io.StringIO()).follow(begun)

    assert Operation.objects.open().get().attempts == begun.attempts


@pytest.fixture
def removed(
    member: Newcomer, local_agent: FakeAgent, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> FakeAgent:
    """This machine was removed from its cluster."""
    agent = member.agent
    key = agent.status()["keys"]["identity_key"]
    agent.depart(local_agent.farewell(node_id=2, identity_key=key))
    settings.LOCAL_AGENT = agent
    monkeypatch.setattr(django_settings.FLOTILLA, "NODE_FILE", agent.node_file)
    return agent


@pytest.mark.parametrize(
    "command",
    [
        REMOVE,
        ("api_cli", "run", "remove-node", "--data", '{"node":3}'),
        ("api_cli", "run", "list-nodes"),
        ("api_cli", "run", "get-cluster-status"),
        ("join_code",),
    ],
)
def test_removed_machine_leads_nobody_whatever_its_database_says(
    command: tuple[str, ...], removed: FakeAgent
) -> None:
    """It may have led the cluster before."""
    with pytest.raises(CommandError, match="It is removed"):
        run(*command)


def test_removed_machine_starts_clean(removed: FakeAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, "clean\n")

    out, _ = run("clean_start")

    assert removed.status()["role"] == "uninitialised"
    assert "create or join" in out


def test_removed_machine_stays_what_it_is_when_something_else_was_typed(
    removed: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, "no\n")

    with pytest.raises(CommandError, match=r"\(confirmation_mismatch\)"):
        run("clean_start")

    assert removed.status()["role"] == "removed"


def test_clean_start_speaks_json(removed: FakeAgent) -> None:
    assert json.loads(run("clean_start", "--yes", "--json")[0]) == {"role": "uninitialised"}


def test_leader_is_not_cleaned(cluster: Cluster) -> None:
    with pytest.raises(CommandError, match=r"\(node_not_removed\)"):
        run("clean_start", "--yes")
