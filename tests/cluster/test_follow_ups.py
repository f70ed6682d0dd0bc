"""What is left to do: noted once, settled once (S17, S22, S27)."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster.models import Cluster, FollowUp
from cluster.services import follow_ups
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import json_client

pytestmark = pytest.mark.django_db
URL = "/api/v1/follow-ups/"
Kind = FollowUp.Kind


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader."""
    return json_client(make_administrator())


def note(subject: str = "node3", **values: Any) -> FollowUp:
    given: dict[str, Any] = {"detail": "Shut node3 down.", "node": 3}
    return follow_ups.note(Kind.SHUT_DOWN_NODE, subject=subject, **(given | values))


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_same_one_is_noted_once_while_it_is_open(cluster: Cluster) -> None:
    assert note().pk == note(detail="Shut node3 down now.").pk
    assert FollowUp.objects.get().detail == "Shut node3 down."


def test_another_subject_is_another_one(cluster: Cluster) -> None:
    assert note("node3").pk != note("node4").pk


def test_it_is_noted_again_after_it_was_settled(cluster: Cluster) -> None:
    note()
    follow_ups.settle_by_system(Kind.SHUT_DOWN_NODE, subject="node3")

    note()

    assert (FollowUp.objects.count(), FollowUp.objects.open().count()) == (2, 1)


def test_note_travels_with_the_state(cluster: Cluster) -> None:
    """Another leader must know it; a note that changes nothing makes no new state."""
    before = Cluster.objects.get().generation

    note()
    note()

    assert Cluster.objects.get().generation == before + 1


def test_fact_settles_what_it_makes_true(cluster: Cluster) -> None:
    note("node3")
    note("node4")

    follow_ups.settle_by_system(Kind.SHUT_DOWN_NODE, subject="node3")

    assert [each.subject for each in FollowUp.objects.open()] == ["node4"]
    assert AuditEvent.objects.get(action="follow_up.settled").user_kind == "system"


def test_fact_without_a_note_settles_nothing(cluster: Cluster) -> None:
    follow_ups.settle_by_system(Kind.SHUT_DOWN_NODE, subject="node3")

    assert not AuditEvent.objects.filter(action="follow_up.settled").exists()


def test_list_has_the_newest_first(api: APIClient) -> None:
    note("node3", link="/nodes/")
    note("node4")

    listed = api.get(URL).json()["results"]

    assert [each["subject"] for each in listed] == ["node4", "node3"]
    assert set(listed[0]) == {
        "id",
        "kind",
        "subject",
        "detail",
        "link",
        "node",
        "created_at",
        "settled_at",
        "settled_by",
    }


@pytest.mark.parametrize(
    ("query", "subjects"),
    [("?settled=false", ["node4"]), ("?settled=true", ["node3"]), ("?node=4", ["node4"])],
)
def test_list_is_filtered(query: str, subjects: list[str], api: APIClient) -> None:
    note("node3")
    follow_ups.settle_by_system(Kind.SHUT_DOWN_NODE, subject="node3")
    note("node4", node=4)

    listed = api.get(f"{URL}{query}").json()["results"]

    assert [each["subject"] for each in listed] == subjects


def test_it_is_settled_and_says_by_whom(api: APIClient) -> None:
    """S17, S44."""
    follow_up = note()

    answer = api.patch(f"{URL}{follow_up.pk}/", {"settled": True})

    event = AuditEvent.objects.get(action="follow_up.settled")
    assert (answer.status_code, answer.json()["settled_by"]) == (200, "ann")
    assert answer.json()["settled_at"] is not None
    assert (event.user, event.details["detail"]) == ("ann", "Shut node3 down.")


def test_it_is_settled_once(api: APIClient) -> None:
    follow_up = note()
    first = api.patch(f"{URL}{follow_up.pk}/", {"settled": True}).json()

    again = api.patch(f"{URL}{follow_up.pk}/", {"settled": True}).json()

    assert again == first
    assert AuditEvent.objects.filter(action="follow_up.settled").count() == 1


@pytest.mark.parametrize("body", [{}, {"settled": False}, {"settled": None}, {"settled": "maybe"}])
def test_settling_cannot_be_taken_back(body: dict[str, Any], api: APIClient) -> None:
    follow_up = note()

    answer = api.patch(f"{URL}{follow_up.pk}/", body)

    assert answer.json()["errors"][0]["attr"] == "settled"
    assert FollowUp.objects.open().count() == 1


@pytest.mark.parametrize("number", [1, 99999999999999999999])
def test_unknown_one_is_not_found(number: int, api: APIClient) -> None:
    answer = api.patch(f"{URL}{number}/", {"settled": True})

    assert error_of(answer) == (404, "follow_up_not_found")


def test_auditor_settles_nothing(cluster: Cluster) -> None:
    answer = json_client(make_auditor()).patch(f"{URL}{note().pk}/", {"settled": True})

    assert error_of(answer) == (403, "read_only_access")
    assert FollowUp.objects.open().count() == 1


def test_list_costs_the_same_whatever_its_length(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        note(f"node{number}")

    with django_assert_max_num_queries(4):
        api.get(URL)
