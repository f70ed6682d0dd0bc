"""Figures of every node every five minutes, for a day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from nodes import tasks
from nodes.models import Contact, Metric, Node
from nodes.services.metrics import sample_metrics
from tests.nodes.factories import make_node

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 10, 7, 30, tzinfo=UTC)
FACTS = {
    "cpus": 4,
    "cpu_percent": 31,
    "load": [9.0, 1.5, 0.8],
    "memory": {"total_mib": 16_000, "used_percent": 50},
    "disks": [{"path": "/", "total_mib": 1_024_000, "used_percent": 94}],
}


def heard(number: int = 1, **values: Any) -> Node:
    node = make_node(number, state=Node.State.ACTIVE)
    given = {"last_contact": NOW, "facts": FACTS, "facts_digest": "d"} | values
    Contact.objects.create(node=node, **given)
    return node


def test_sample_notes_what_each_node_reported_last() -> None:
    heard(1)
    heard(2, facts=FACTS | {"cpu_percent": 99})

    assert sample_metrics(NOW) == 2

    metric = Metric.objects.get(node_id=1)
    assert metric.at == datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
    assert (metric.cpu_percent, metric.load, metric.memory_percent) == (31, 1.5, 50)
    assert metric.disks == {"/": 94}
    assert Metric.objects.get(node_id=2).cpu_percent == 99


def test_second_sample_of_the_same_five_minutes_notes_nothing_more() -> None:
    """A message that was delivered twice."""
    heard()
    sample_metrics(NOW)
    Contact.objects.update(facts=FACTS | {"cpu_percent": 1})

    sample_metrics(NOW + timedelta(minutes=2))

    assert [metric.cpu_percent for metric in Metric.objects.all()] == [31]


def test_silent_node_leaves_a_gap() -> None:
    heard(last_contact=NOW - timedelta(minutes=2))

    assert sample_metrics(NOW) == 0


def test_node_that_reported_nothing_yet_leaves_a_gap() -> None:
    heard(facts={}, facts_digest="")

    assert sample_metrics(NOW) == 0


def test_nothing_is_kept_longer_than_a_day() -> None:
    """At most 288 rows a node."""
    node = heard()
    ages = [timedelta(minutes=5 * number) for number in range(1, 300)]
    at = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
    Metric.objects.bulk_create(Metric(node=node, at=at - age) for age in ages)

    sample_metrics(NOW)

    assert Metric.objects.count() == 288


def test_sample_costs_the_same_queries_for_many_nodes(django_assert_num_queries: Any) -> None:
    for number in range(1, 17):
        heard(number)

    with django_assert_num_queries(5):  # savepoint, delete, read, insert, release
        sample_metrics(NOW)


def test_node_that_lies_breaks_nothing() -> None:
    heard(facts={"load": "high", "disks": {"path": 1}, "memory": [], "cpu_percent": -3})

    sample_metrics(NOW)

    metric = Metric.objects.get()
    assert (metric.cpu_percent, metric.load, metric.memory_percent) == (None, None, None)


@pytest.mark.parametrize(("is_leader", "count"), [(True, 1), (False, 0)])
def test_only_a_leader_takes_samples(
    is_leader: bool, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(last_contact=timezone.now())
    monkeypatch.setattr("nodes.role.NodeIdentity.is_leader", is_leader)

    tasks.sample_metrics()

    assert Metric.objects.count() == count
