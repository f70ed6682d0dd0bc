"""Where the trail begins that administrators see (S59)."""

from typing import Any

import pytest

from audit.actions import AuditAction
from audit.bounds import read_bounds
from audit.search.find import find
from audit.search.question import Question
from audit.services import head
from audit.verification import verify
from tests.accounts.factories import api_client, browser, make_administrator
from tests.audit.factories import make_event

pytestmark = pytest.mark.django_db


def record_all(*actions: AuditAction) -> None:
    for action in actions:
        make_event(action)


def trail() -> list[int]:
    return sorted(event.pk for event in find(Question(), limit=50).events)


def test_node_that_created_the_cluster_shows_everything() -> None:
    record_all(AuditAction.LOGIN_SUCCEEDED, AuditAction.CLUSTER_CREATED, AuditAction.NODE_JOINED)

    assert trail() == [1, 2, 3]


def test_creator_that_leads_again_shows_everything() -> None:
    record_all(
        AuditAction.CLUSTER_CREATED, AuditAction.LEADERSHIP_FOLLOWED, AuditAction.LEADERSHIP_TAKEN
    )

    assert trail() == [1, 2, 3]


def test_promoted_worker_shows_what_follows_its_first_leadership() -> None:
    record_all(
        AuditAction.LOGIN_SUCCEEDED,
        AuditAction.CLUSTER_JOINED,
        AuditAction.LOGIN_SUCCEEDED,
        AuditAction.LEADERSHIP_TAKEN,
        AuditAction.NODE_PROMOTED,
        AuditAction.LEADERSHIP_TAKEN,
    )

    assert trail() == [4, 5, 6]


def test_machine_that_joined_again_begins_anew() -> None:
    record_all(
        AuditAction.CLUSTER_JOINED,
        AuditAction.LEADERSHIP_TAKEN,
        AuditAction.NODE_CLEANED,
        AuditAction.CLUSTER_JOINED,
        AuditAction.LEADERSHIP_TAKEN,
    )

    assert trail() == [5]


def test_machine_that_was_a_worker_once_and_created_a_cluster_shows_everything() -> None:
    record_all(
        AuditAction.CLUSTER_JOINED,
        AuditAction.NODE_CLEANED,
        AuditAction.CLUSTER_CREATED,
        AuditAction.LEADERSHIP_TAKEN,
    )

    assert trail() == [1, 2, 3, 4]


def test_page_and_api_show_the_trail_and_verification_covers_everything() -> None:
    ann = make_administrator("ann")
    record_all(
        AuditAction.LOGIN_SUCCEEDED, AuditAction.CLUSTER_JOINED, AuditAction.LEADERSHIP_TAKEN
    )

    listed = api_client(ann).get("/api/v1/audit/events/").json()["results"]
    shown = browser(ann).get("/audit/").context["events"]

    assert [event["id"] for event in listed] == [3]
    assert [event.pk for event in shown] == [4, 3]
    assert verify().checked == 4


def test_start_is_found_by_look_ups(django_assert_num_queries: Any) -> None:
    record_all(AuditAction.CLUSTER_JOINED, AuditAction.LEADERSHIP_TAKEN)

    with django_assert_num_queries(2):
        assert read_bounds().start == 2


def test_head_is_how_many_events_there_are_and_the_hash_of_the_last() -> None:
    assert head() == {"count": 0, "hash": "0" * 64}

    make_event()
    last = make_event()

    assert head() == {"count": 2, "hash": last.hash}
