"""``api-cli run``: what programs of root's do to nodes at a shell."""

import io
import json
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import AuditEvent
from cluster import follow_ups
from cluster.models import Cluster, FollowUp, Operation
from config.version import VERSION
from nodes.models import Node
from tests.cluster.commanding import api_cli, as_root_without_celery, is_removed, worker
from tests.cluster.factories import add_node
from tests.fakes import FakeAgent

__all__ = ["as_root_without_celery", "worker"]
pytestmark = pytest.mark.django_db


def test_api_cli_removes_a_node_and_says_how_it_ended(worker: Node) -> None:
    answer = api_cli("remove-node", node=2)

    assert is_removed()
    assert answer["operation"]["state"] == "succeeded"


def test_api_cli_removes_an_unreachable_node_by_force(cluster: Cluster) -> None:
    add_node(2)

    api_cli("remove-node", node=2, force=True)

    assert is_removed()


def test_api_cli_asks_for_a_promotion_at_the_nodes_endpoint(
    worker: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends before anybody was asked; what was wanted is recorded."""
    over = partial(Operation.objects.update, deadline=timezone.now(), due_at=timezone.now())
    monkeypatch.setattr("cluster.management.root.time.sleep", lambda seconds: over())
    Node.objects.filter(pk=2).update(eligible=True, version=VERSION)

    with pytest.raises(CommandError):
        api_cli("promote-node", node=2)

    event = AuditEvent.objects.get(action="node.promotion.requested")
    assert event.details["endpoint"] == "node2.example.org:55820"
    assert event.details["check_connectivity"] is True


@pytest.mark.parametrize(
    ("action", "data", "code"),
    [
        ("promote-node", {"node": 1}, "node_is_already_leader"),
        ("promote-node", {"node": 2}, "node_not_eligible"),
        ("promote-node", {"node": 2, "unchecked": True}, "invalid_data"),
        ("remove-node", {"node": 2, "forced": True}, "invalid_data"),
        ("remove-node", {"node": "two"}, "invalid_data"),
        ("remove-node", {"node": 0}, "invalid_data"),
        ("remove-node", {}, "invalid_data"),
        ("remove-node", {"node": 1}, "node_is_leader"),
        ("remove-node", {"node": 9}, "node_not_found"),
        ("list-nodes", {"node": 2}, "invalid_data"),
        ("get-cluster-status", {"verbose": True}, "invalid_data"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_removed(
    action: str, data: dict[str, Any], code: str, worker: Node
) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("api_cli", "run", action, "--data", json.dumps(data), stdout=out)

    assert json.loads(out.getvalue())["error"]["code"] == code
    assert not Operation.objects.exclude(kind="create").exists()


def test_api_cli_lists_the_nodes(worker: Node) -> None:
    listed = api_cli("list-nodes")["nodes"]

    assert [(node["id"], node["role"], node["status"]) for node in listed] == [
        (1, "leader", "online"),
        (2, "worker", "online"),
    ]


def test_api_cli_tells_the_clusters_status(worker: Node, cluster: Cluster) -> None:
    follow_ups.note(FollowUp.Kind.LOG_STORE, detail="Look there.")

    status = api_cli("get-cluster-status")

    assert (status["leader"], status["term"], status["operation"]) == (1, 1, None)
    assert (len(status["nodes"]), status["follow_ups"]) == (2, ["Look there."])


def test_api_cli_says_what_is_going_on(worker: Node) -> None:
    operation = Operation.objects.create(kind="remove", deadline=timezone.now())

    status = api_cli("get-cluster-status")

    assert status["operation"] == {"id": str(operation.pk), "kind": "remove"}


@pytest.mark.parametrize("action", ["list-nodes", "get-cluster-status"])
def test_machine_without_a_cluster_has_no_nodes(action: str, local_agent: FakeAgent) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("api_cli", "run", action, stdout=out)

    assert json.loads(out.getvalue())["error"]["code"] == "cluster_not_created"
