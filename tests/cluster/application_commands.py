"""A node where applications are installed, and what the trail has of them."""

import pytest

from audit.models import AuditEvent
from cluster.models import Cluster
from nodes.models import Node
from tests.cluster.factories import add_node, hear_from


@pytest.fixture(autouse=True)
def worker(cluster: Cluster) -> Node:
    """Node 2, which is heard."""
    node = add_node(2)
    hear_from(2)
    return node


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()
