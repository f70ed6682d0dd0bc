"""What is left to do: on the page of its own and above the nodes (S17, S22, S27)."""

from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEvent
from cluster.models import Cluster, FollowUp
from cluster.services.follow_ups import note, settle
from tests.cluster.factories import ADMIN

pytestmark = pytest.mark.django_db
DETAIL = "Shut node3.example.org down."


def note_one(subject: str = "node3", **values: Any) -> FollowUp:
    return note(FollowUp.Kind.SHUT_DOWN_NODE, detail=DETAIL, subject=subject, **values)


@pytest.mark.parametrize("path", ["/nodes/", "/follow-ups/"])
def test_open_follow_up_is_shown_with_its_way_and_its_button(
    path: str, browser: Client, cluster: Cluster
) -> None:
    follow_up = note_one(link="/audit/")

    page = browser.get(path).text

    assert DETAIL in page
    assert 'href="/audit/" id="todo-link' in page
    assert f'formaction="/follow-ups/{follow_up.pk}/settle/"' in page


def test_nodes_page_is_silent_when_nothing_is_left_to_do(browser: Client, cluster: Cluster) -> None:
    assert "Left to do" not in browser.get("/nodes/").text


def test_settled_follow_up_leaves_the_nodes_and_enters_history(
    browser: Client, cluster: Cluster
) -> None:
    follow_up = note_one()

    browser.post(f"/follow-ups/{follow_up.pk}/settle/")

    assert DETAIL not in browser.get("/nodes/").text
    shown = browser.get("/follow-ups/").context
    assert (shown["follow_ups"], list(shown["settled"])) == ([], [follow_up])
    assert AuditEvent.objects.get(action="follow_up.settled").user == "alice"


@pytest.mark.parametrize("path", ["/nodes/", "/follow-ups/"])
def test_settling_leads_back_to_where_it_was_pressed(
    path: str, browser: Client, cluster: Cluster
) -> None:
    url = f"/follow-ups/{note_one().pk}/settle/"

    answer = browser.post(url, headers={"Referer": f"http://testserver{path}"})

    assert answer.headers["Location"] == path


def test_settling_leads_to_no_other_host(browser: Client, cluster: Cluster) -> None:
    url = f"/follow-ups/{note_one().pk}/settle/"

    answer = browser.post(url, headers={"Referer": "https://elsewhere.example.net/nodes/"})

    assert answer.headers["Location"] == "/follow-ups/"


def test_history_says_who_settled_it(browser: Client, cluster: Cluster) -> None:
    settle(note_one(), actor=ADMIN)

    assert '<td data-label="By">alice</td>' in browser.get("/follow-ups/").text


def test_long_history_has_pages(browser: Client, cluster: Cluster) -> None:
    for number in range(51):
        settle(note_one(subject=f"node{number}"), actor=ADMIN)

    assert 'href="?page=2"' in browser.get("/follow-ups/").text


def test_list_costs_the_same_queries_for_many(
    browser: Client, cluster: Cluster, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        note_one(subject=f"node{number}")

    with django_assert_max_num_queries(10):
        browser.get("/follow-ups/")


def test_unknown_follow_up_is_not_found(browser: Client, cluster: Cluster) -> None:
    assert browser.post("/follow-ups/77/settle/").status_code == 404


def test_auditor_reads_and_settles_nothing(auditor: Client, cluster: Cluster) -> None:
    follow_up = note_one()

    assert DETAIL in auditor.get("/follow-ups/").text
    assert "settle/" not in auditor.get("/follow-ups/").text
    assert auditor.post(f"/follow-ups/{follow_up.pk}/settle/").status_code == 403
