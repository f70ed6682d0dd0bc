"""Root at a shell, on a machine whose Celery is not needed."""

import io
import json
import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from cluster.models import Cluster, Operation
from nodes.models import Contact, Node
from tests.cluster.factories import add_node, hear_from


@pytest.fixture(autouse=True)
def as_root_without_celery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else carries operations forward; while a command waits, node 2 confirms."""

    def confirm(seconds: float) -> None:
        Contact.objects.filter(node_id=2).update(farewell_at=timezone.now())
        Operation.objects.open().update(due_at=timezone.now())

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("cluster.management.root.GRACE", timedelta(seconds=-60))
    monkeypatch.setattr("cluster.management.root.time.sleep", confirm)


@pytest.fixture
def worker(cluster: Cluster) -> Node:
    """Node 2, online."""
    node = add_node(2)
    hear_from(2)
    return node


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def api_cli(action: str, **data: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        run("api_cli", "run", action, "--data", json.dumps(data))[0]
    )
    return answer


def is_removed(number: int = 2) -> bool:
    return Node.objects.get(pk=number).state == Node.State.REMOVED
