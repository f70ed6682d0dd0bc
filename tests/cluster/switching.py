"""Clusters in which root has to say who leads."""

import json
from typing import Any

import pytest

from accounts.models import Administrator
from audit.actor import Actor
from audit.models import AuditEvent
from cluster import state
from cluster.models import Cluster, Operation, SignedState
from nodes.models import Node
from tests.cluster.fleets import Fleet

ROOT = Actor.root()


@pytest.fixture
def fleet(fleet: Fleet) -> Fleet:
    """Three nodes; this machine is node 3, and node 1 leads."""
    fleet.become(3)
    return fleet


def stops(*_: Any, **__: Any) -> str:
    raise KeyboardInterrupt


def make_ineligible(fleet: Fleet, number: int) -> None:
    fleet.become(1)
    Node.objects.filter(pk=number).update(eligible=False)
    state.bump()
    fleet.spread()


def snapshot(fleet: Fleet, number: int) -> tuple[bytes, str]:
    """All that a refusal must leave alone: ``node.json``, and the tables."""
    rows = {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in (Cluster, Node, Operation, SignedState, AuditEvent, Administrator)
    }
    return fleet.agents[number].node_file.read_bytes(), json.dumps(rows, default=str)
