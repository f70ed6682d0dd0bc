"""The charts of a node's last day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cluster.models import Cluster
from cluster.views.charts import Chart, charts
from nodes.models import Metric, Node
from tests.cluster.factories import add_node

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
URL = "/nodes/1/metrics/"


@pytest.fixture
def node(cluster: Cluster) -> Node:
    return Node.objects.get(pk=1)


def note(node: Node, *, minutes_ago: int, now: datetime = NOW, **values: object) -> None:
    Metric.objects.create(node=node, at=now - timedelta(minutes=minutes_ago), **values)


def chart(node: Node, name: str) -> Chart:
    return next(chart for chart in charts(node, now=NOW) if chart.name == name)


def test_there_is_a_chart_for_each_figure(node: Node) -> None:
    values: dict[str, Any] = {
        "cpu_percent": 3,
        "load": 0.2,
        "memory_percent": 40,
        "disks": {"/": 7, "/srv": 9},
    }
    note(node, minutes_ago=5, **values)

    names = [chart.name for chart in charts(node, now=NOW)]

    assert names == ["CPU", "Load", "Memory", "Disk /", "Disk /srv"]


def test_what_was_never_reported_has_no_chart(node: Node) -> None:
    note(node, minutes_ago=5, memory_percent=40)

    assert [chart.name for chart in charts(node, now=NOW)] == ["Memory"]


def test_chart_says_the_same_in_words(node: Node) -> None:
    for minutes_ago, percent in ((15, 20), (10, 70), (5, 30)):
        note(node, minutes_ago=minutes_ago, cpu_percent=percent)

    found = chart(node, "CPU")

    assert found.words == "CPU in the last 24 hours: between 20 % and 70 %, 30 % last."
    assert found.newest == "30 %"


def test_time_runs_to_the_right_and_more_is_higher(node: Node) -> None:
    note(node, minutes_ago=720, cpu_percent=0)
    note(node, minutes_ago=715, cpu_percent=100)

    assert [part.line for part in chart(node, "CPU").stretches] == ["144,60 145,0"]


def test_time_without_news_is_a_gap(node: Node) -> None:
    for minutes_ago in (60, 55, 20, 15, 10):
        note(node, minutes_ago=minutes_ago, cpu_percent=50)

    assert [part.line.count(",") for part in chart(node, "CPU").stretches] == [2, 3]


def test_one_missing_sample_is_no_gap(node: Node) -> None:
    for minutes_ago in (30, 20, 10):
        note(node, minutes_ago=minutes_ago, cpu_percent=50)

    assert len(chart(node, "CPU").stretches) == 1


def test_single_sample_can_be_seen(node: Node) -> None:
    note(node, minutes_ago=720, cpu_percent=50)

    assert chart(node, "CPU").stretches[0].line == "144,30 145,30"


def test_load_is_drawn_up_to_its_highest(node: Node) -> None:
    note(node, minutes_ago=10, load=8.0)
    note(node, minutes_ago=5, load=4.0)

    assert chart(node, "Load").top == "8.0"
    assert chart(node, "Load").stretches[0].line == "286,0 287,30"


def test_idle_node_has_no_mountains(node: Node) -> None:
    note(node, minutes_ago=5, load=0.01)

    assert chart(node, "Load").top == "1.0"


def test_page_shows_the_charts_of_this_node_alone(browser: Client, node: Node) -> None:
    note(add_node(2), minutes_ago=5, now=timezone.now(), memory_percent=88)
    note(node, minutes_ago=5, now=timezone.now(), memory_percent=12)

    page = browser.get("/nodes/1/").text

    assert "between 12 % and 12 %" in page
    assert "88 %" not in page
    assert f'data-hx-get="{URL}" data-hx-trigger="every 60s"' in page


def test_part_that_is_asked_for_every_second_has_no_charts(browser: Client, node: Node) -> None:
    note(node, minutes_ago=5, now=timezone.now(), memory_percent=12)

    with CaptureQueriesContext(connection) as asked:
        part = browser.get("/nodes/1/", headers={"HX-Request": "true"}).text

    assert "<svg viewBox" not in part
    assert not [query for query in asked if "nodes_metric" in query["sql"]]
    assert "between 12 % and 12 %" in browser.get(URL, headers={"HX-Request": "true"}).text


def test_node_without_figures_says_that_they_come(browser: Client, node: Node) -> None:
    assert "Every five minutes the leader notes" in browser.get(URL).text


def test_removed_node_has_no_charts(browser: Client, node: Node) -> None:
    add_node(2, state=Node.State.REMOVED)

    assert browser.get("/nodes/2/metrics/").status_code == 404
