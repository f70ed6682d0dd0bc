"""What people see while the lead moves, and where they go on (S26, S30)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cluster.models import Cluster, Operation
from tests.cluster.factories import add_node
from tests.cluster.views.conftest import LEADER, become
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
NEXT = LEADER | {
    "id": 3,
    "fqdn": "node3.example.org",
    "console_url": "https://node3.example.org:8443",
}


def operate(kind: Operation.Kind, **values: Any) -> Operation:
    """An operation on node 3."""
    given = {"parameters": {"node_id": 3}, "deadline": timezone.now() + timedelta(minutes=1)}
    return Operation.objects.create(kind=kind, **(given | values))


def end(kind: Operation.Kind, state: Operation.State, **values: Any) -> Operation:
    return operate(kind, state=state, ended_at=timezone.now(), **values)


def page_of(browser: Client, operation: Operation) -> str:
    return str(browser.get(f"/operations/{operation.pk}/").text)


def test_promotion_says_where_it_will_go_on(browser: Client, cluster: Cluster) -> None:
    page = page_of(browser, operate(Operation.Kind.PROMOTE, node=add_node(3)))

    assert "Promote node3" in page
    assert "this page goes on at node3's console by itself" in page


def test_old_leader_leads_on_to_the_same_operation(
    browser: Client, cluster: Cluster, local_agent: FakeAgent
) -> None:
    operation = operate(Operation.Kind.PROMOTE)
    become(local_agent, "worker", node_id=1, leader=NEXT, handed_over={"term": 2, "to": 3})

    page = page_of(browser, operation)

    assert f'href="https://node3.example.org:8443/operations/{operation.pk}/"' in page
    assert "cancel/" not in page


def test_new_leader_says_what_is_left_to_do(browser: Client, cluster: Cluster) -> None:
    page = page_of(browser, end(Operation.Kind.PROMOTE, Operation.State.SUCCEEDED))

    assert "node3 leads the cluster now." in page
    assert 'href="/follow-ups/"' in page


def test_removal_ends_with_the_reminder_to_shut_down(browser: Client, cluster: Cluster) -> None:
    """S22."""
    page = page_of(browser, end(Operation.Kind.REMOVE, Operation.State.SUCCEEDED))

    assert "Remove node3" in page
    assert "To finish, shut the machine down." in page


def test_failure_past_the_point_of_no_return_does_not_say_that_nothing_was_kept(
    browser: Client, cluster: Cluster
) -> None:
    failed = end(Operation.Kind.REMOVE, Operation.State.FAILED, irreversible=True)

    assert "nothing of it was kept" not in page_of(browser, failed)


@pytest.fixture
def frozen(cluster: Cluster) -> None:
    """The lead is moving just now."""
    add_node(3)
    Cluster.objects.update(frozen_until=timezone.now() + timedelta(seconds=15))


def test_refused_change_says_that_the_lead_moves_and_leads_back(
    browser: Client, frozen: None
) -> None:
    came_from = {"Referer": "http://testserver/nodes/3/label/"}

    answer = browser.post("/nodes/3/label/", {"label": "Files"}, headers=came_from)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "Your change was not made." in answer.text
    assert '<meta http-equiv="refresh" content="2; url=/nodes/3/label/">' in answer.text


def test_refused_change_leads_to_no_other_host(browser: Client, frozen: None) -> None:
    came_from = {"Referer": "https://elsewhere.example.net/nodes/"}

    answer = browser.post("/nodes/3/label/", {"label": "Files"}, headers=came_from)

    assert 'content="2; url=/">' in answer.text
    assert "elsewhere" not in answer.text


def test_pages_are_read_while_the_lead_moves(browser: Client, frozen: None) -> None:
    assert browser.get("/nodes/").status_code == 200
