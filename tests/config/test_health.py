"""``/healthz`` and ``/readyz``."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from tests.cluster.broker import Broker, broker
from tests.fakes import FakeAgent, local_agent

__all__ = ["broker", "local_agent"]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.mark.django_db
def test_process_that_answers_is_up(client: Client, local_agent: FakeAgent) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})


@pytest.mark.django_db
def test_node_with_everything_is_ready(
    client: Client, local_agent: FakeAgent, broker: Broker
) -> None:
    answer = client.get("/readyz")
    checks = {"database": True, "broker": True, "agent": True}
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": checks})


@pytest.mark.django_db
def test_node_without_its_broker_is_not_ready(client: Client, local_agent: FakeAgent) -> None:
    answer = client.get("/readyz")
    checks = {"database": True, "broker": False, "agent": True}
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "checks": checks})


@pytest.mark.django_db
def test_node_without_its_agent_is_not_ready(client: Client, broker: Broker) -> None:
    assert client.get("/readyz").json()["checks"]["agent"] is False


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(client: Client, local_agent: FakeAgent, path: str) -> None:
    assert client.post(path).status_code == 405
