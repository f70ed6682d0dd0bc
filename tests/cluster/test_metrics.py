"""``/metrics``: who may read them, and what they count."""

from typing import Any

import pytest
from django.test import Client

from cluster.models import Cluster, Operation
from cluster.services.operations import open_operation
from tests.accounts.factories import make_administrator, named_client
from tests.cluster.factories import ADMIN, add_node
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
ELSEWHERE = "192.0.2.9"


def figure(body: str, name: str) -> float:
    """The value of one line of the metrics."""
    lines = [line for line in body.splitlines() if line.rpartition(" ")[0] == name]
    return float(lines[0].rpartition(" ")[2])


def test_metrics_are_open_to_this_machine(client: Client, local_agent: FakeAgent) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_metrics_are_closed_to_strangers(client: Client, local_agent: FakeAgent) -> None:
    assert client.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 401


def test_metrics_are_closed_to_strangers_behind_a_proxy_here(
    client: Client, local_agent: FakeAgent
) -> None:
    forwarded = {"X-Forwarded-For": ELSEWHERE}
    assert client.get("/metrics", headers=forwarded).status_code == 401


def test_metrics_are_open_to_a_token(local_agent: FakeAgent) -> None:
    program = named_client(make_administrator(), read_only=True)
    assert program.get("/metrics", REMOTE_ADDR=ELSEWHERE).status_code == 200


def test_metrics_count_nodes_by_status(client: Client, cluster: Cluster) -> None:
    add_node(2)
    body = client.get("/metrics").content.decode()
    assert figure(body, 'flotilla_nodes{status="online"}') == 1
    assert figure(body, 'flotilla_nodes{status="offline"}') == 1


def test_metrics_count_operations(client: Client, local_agent: FakeAgent) -> None:
    open_operation(Operation.Kind.CREATE, actor=ADMIN, parameters={})
    body = client.get("/metrics").content.decode()
    assert figure(body, 'flotilla_operations{kind="create",state="pending"}') == 1


def test_metrics_show_the_generation(client: Client, cluster: Cluster) -> None:
    body = client.get("/metrics").content.decode()
    assert figure(body, "flotilla_generation") == cluster.generation


@pytest.mark.parametrize("nodes", [1, 8])
def test_metrics_cost_the_same_for_many_nodes(
    client: Client, cluster: Cluster, nodes: int, django_assert_num_queries: Any
) -> None:
    for number in range(2, 2 + nodes):
        add_node(number)
    with django_assert_num_queries(5):
        client.get("/metrics")
