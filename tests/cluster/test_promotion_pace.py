"""What makes a promotion quick: nobody waits for the next look at the clock."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cluster import state, watch
from cluster.models import Operation
from cluster.services.news import HURRIED_WAIT, Held, await_news, find_news, pause
from cluster.watch import read_marker
from nodes.agent import document
from tests.cluster.broker import Broker, broker
from tests.cluster.factories import carry_on, send_sync
from tests.cluster.pairs import CandidateCalls, Pair

__all__ = ["broker"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(pair: Pair, settings: Any) -> CandidateCalls:
    settings.TRANSPORT = made = CandidateCalls(pair)
    return made


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the watcher sleeps between two looks; it looks three times."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def look_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = watch.Watch()
    wanted = iter([True, True, True, False])
    monkeypatch.setattr(calls, "_is_wanted", lambda: next(wanted))
    monkeypatch.setattr(connection, "close", lambda: None)
    calls._look()


def test_held_calls_are_looked_after_more_often_while_leadership_moves(
    pair: Pair, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.promote()

    look_three_times(monkeypatch)

    assert pauses == [watch.HURRIED_SECONDS] * 3


def test_nobody_hurries_at_rest(
    pair: Pair, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = pair.promote()
    Operation.objects.filter(pk=operation.pk).update(state="failed", ended_at=timezone.now())

    look_three_times(monkeypatch)

    assert pauses == [watch.POLL_SECONDS] * 3


def test_held_call_sees_the_change_of_leader(pair: Pair, calls: CandidateCalls) -> None:
    """The one who led gives the new leader's state to whoever it still holds."""
    operation = carry_on(pair.promote())
    held = pair.spread()
    before = read_marker()

    carry_on(operation)

    news = find_news(Held(3, term=1, generation=held["generation"]))
    assert read_marker() != before
    assert news.state is not None
    assert document.read_unverified(news.state)["leader"] == 2


def test_candidates_acknowledgement_wakes_the_operation(
    pair: Pair, calls: CandidateCalls, broker: Broker, django_capture_on_commit_callbacks: Any
) -> None:
    operation = carry_on(pair.promote())
    Operation.objects.update(due_at=timezone.now() + timedelta(seconds=60))
    signed = state.publish()
    assert signed is not None
    pair.agents[2].receive(signed.jws)

    with django_capture_on_commit_callbacks(execute=True):
        sync_as(pair, 2)

    assert ("cluster.tasks.advance", [str(operation.pk)]) in broker.sent()


def sync_as(pair: Pair, number: int) -> None:
    answer = send_sync(pair.agents[number], Client(), source=f"10.5.4.{number}")
    assert answer.status_code == 200, answer.content


def test_node_over_the_budget_asks_again_soon_while_leadership_moves(pair: Pair) -> None:
    pair.promote()

    news = await_news(Held(2, term=1, generation=1), patience=0)

    assert news.wait == HURRIED_WAIT


def test_large_cluster_does_not_hurry_more_than_its_leader_can_bear(pair: Pair) -> None:
    assert pause(members=254, moving=True) == pause(members=254)
