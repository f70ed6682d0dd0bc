"""Held calls: answered as soon as there is news, within a budget."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cluster import state
from cluster.models import Cluster
from cluster.services.news import SHORTEST_WAIT
from cluster.watch import Marker, Watch, read_marker
from tests.cluster.factories import Newcomer, send_sync
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def held_calls(settings: Any) -> Iterator[Any]:
    """Calls are held for three seconds, and the thread that watches ends before the test does."""
    settings.AGENT_HELD_CALLS, settings.AGENT_HOLD_SECONDS = 2, 3.0
    yield settings
    for thread in [thread for thread in threading.enumerate() if thread.name == "watch"]:
        thread.join(timeout=2)


@pytest.mark.django_db(transaction=True)
def test_held_call_is_answered_as_soon_as_there_is_a_new_state(
    held_calls: Any, joining: Newcomer
) -> None:
    def publish_later() -> None:
        state.bump()
        state.publish()
        connection.close()

    timer = threading.Timer(0.3, publish_later)
    began = time.monotonic()
    timer.start()

    answer = joining.sync(source="10.5.4.2").json()

    timer.join()
    assert answer["state"]
    assert 0.3 <= time.monotonic() - began < 1.5


@pytest.mark.django_db(transaction=True)
def test_held_call_without_news_ends_and_may_be_repeated_at_once(
    held_calls: Any, joining: Newcomer
) -> None:
    held_calls.AGENT_HOLD_SECONDS = 0.4
    began = time.monotonic()

    answer = joining.sync(source="10.5.4.2").json()

    assert (answer["state"], answer["wait"]) == (None, 0)
    assert 0.4 <= time.monotonic() - began < 1.5


@pytest.mark.django_db(transaction=True)
def test_joining_node_that_calls_beside_the_vpn_is_not_held(
    held_calls: Any, joining: Newcomer
) -> None:
    """Its next call may come through the VPN, and the join waits for that."""
    began = time.monotonic()

    answer = joining.sync(source="192.0.2.7").json()

    assert answer["wait"] < 1
    assert time.monotonic() - began < 1.5


@pytest.mark.django_db(transaction=True)
def test_call_over_the_budget_is_answered_at_once_with_a_time_to_wait(
    held_calls: Any, joining: Newcomer, local_agent: FakeAgent
) -> None:
    held_calls.AGENT_HELD_CALLS, held_calls.AGENT_HOLD_SECONDS = 1, 1.5

    def hold() -> None:
        joining.sync(source="10.5.4.2")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    time.sleep(0.5)

    answer = send_sync(local_agent, Client()).json()

    holder.join()
    assert answer["wait"] >= SHORTEST_WAIT


@pytest.mark.django_db(transaction=True)
def test_call_that_has_seen_more_than_the_watcher_waits_too(
    held_calls: Any, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would look again and again until the watcher does."""
    monkeypatch.setattr("cluster.watch.POLL_SECONDS", 1.0)
    calls, began = Watch(), time.monotonic()
    old, new = read_marker(), Marker(term=9)
    holder = threading.Thread(target=lambda: calls.wait(seen=old, until=began + 0.5))
    holder.start()
    time.sleep(0.2)

    calls.wait(seen=new, until=began + 0.6)

    holder.join()
    assert time.monotonic() - began >= 0.6
