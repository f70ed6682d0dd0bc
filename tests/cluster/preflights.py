"""Looks at the candidate, and what they say."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from cluster.models import Cluster
from cluster.preflight import asking
from cluster.services import preflight
from cluster.services.preflight import Check, Preflight
from nodes.models import Node
from tests.cluster.lookouts import Lookouts, add_fleet

NODE_2 = "https://node2.example.org:8443"


@pytest.fixture
def node(cluster: Cluster) -> Node:
    return add_fleet()


@pytest.fixture
def lookouts(node: Node, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lookouts]:
    monkeypatch.setattr(asking, "PATIENCE", timedelta(seconds=0.05))
    made = Lookouts()
    with made.on_duty():
        yield made


def check(node: Node) -> Preflight:
    return preflight.check(node, patience=0.05)


def only_failure(node: Node) -> Check:
    [failed] = check(node).failures
    return failed
