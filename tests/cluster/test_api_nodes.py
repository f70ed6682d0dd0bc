"""``/api/v1/nodes/``: the fleet, as programs see it (S1, S5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster.models import Cluster
from nodes.models import Contact, Node
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import add_node, hear_from, json_client

pytestmark = pytest.mark.django_db
URL = "/api/v1/nodes/"
SHAPE = {
    "id",
    "label",
    "fqdn",
    "role",
    "status",
    "vpn_address",
    "endpoint",
    "eligible",
    "last_contact",
    "version",
    "distribution",
}


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader."""
    return json_client(make_administrator())


def test_list_has_exactly_one_leader(api: APIClient) -> None:
    """S1."""
    add_node(2)
    add_node(3)

    listed = api.get(URL).json()["results"]

    assert [(node["id"], node["role"]) for node in listed] == [
        (1, "leader"),
        (2, "worker"),
        (3, "worker"),
    ]
    assert set(listed[0]) == SHAPE


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, "online"), (7, "online"), (9, "offline"), (3600, "offline")]
)
def test_node_is_offline_eight_seconds_after_its_last_contact(
    seconds: int, status: str, api: APIClient
) -> None:
    add_node(2)
    hear_from(2, last_contact=timezone.now() - timedelta(seconds=seconds))

    assert api.get(f"{URL}2/").json()["status"] == status


def test_node_that_was_never_heard_is_offline(api: APIClient) -> None:
    add_node(2)

    answer = api.get(f"{URL}2/").json()

    assert (answer["status"], answer["last_contact"]) == ("offline", None)


def test_joining_node_is_shown_as_joining(api: APIClient) -> None:
    add_node(2, state=Node.State.JOINING)

    assert api.get(f"{URL}2/").json()["status"] == "joining"


def test_removed_node_is_not_shown(api: APIClient) -> None:
    add_node(2, state=Node.State.REMOVED)

    assert len(api.get(URL).json()["results"]) == 1
    assert api.get(f"{URL}2/").status_code == 404


def test_node_has_its_facts_health_and_vpn(api: APIClient) -> None:
    add_node(2)
    Contact.objects.filter(node_id=2).update(
        facts={"load": [0.1]}, health={"vpn": {"state": "up"}}, path="vpn", generation=7
    )

    answer = api.get(f"{URL}2/").json()

    assert set(answer) > SHAPE
    assert (answer["facts"], answer["health"]) == ({"load": [0.1]}, {"vpn": {"state": "up"}})
    assert (answer["vpn"]["path"], answer["vpn"]["generation"]) == ("vpn", 7)


def test_another_distribution_is_a_warning_on_the_node(api: APIClient) -> None:
    """S8."""
    add_node(2, distribution="alpine 3.20")

    codes = [warning["code"] for warning in api.get(f"{URL}2/").json()["warnings"]]

    assert codes == ["distribution_differs"]


def test_node_that_calls_beside_the_vpn_has_a_warning(api: APIClient) -> None:
    add_node(2)
    hear_from(2, path=Contact.Path.PUBLIC)

    codes = [warning["code"] for warning in api.get(f"{URL}2/").json()["warnings"]]

    assert codes == ["vpn_off"]


def test_leader_has_no_warning_about_itself(api: APIClient) -> None:
    hear_from(1, path=Contact.Path.PUBLIC)

    assert api.get(f"{URL}1/").json()["warnings"] == []


def test_label_is_changed_recorded_and_replicated(api: APIClient, cluster: Cluster) -> None:
    add_node(2)
    before = Cluster.objects.get().generation

    answer = api.patch(f"{URL}2/", {"label": "Attic"})

    event = AuditEvent.objects.get(action="node.changed")
    assert answer.json()["label"] == "Attic"
    assert event.details == {"label": {"from": "", "to": "Attic"}}
    assert Cluster.objects.get().generation == before + 1


def test_same_label_again_is_no_change(api: APIClient) -> None:
    before = Cluster.objects.get().generation

    api.patch(f"{URL}1/", {"label": ""})

    assert Cluster.objects.get().generation == before
    assert not AuditEvent.objects.filter(action="node.changed").exists()


@pytest.mark.parametrize("label", ["x" * 65, "two\nlines", "bell\x07"])
def test_bad_label_is_a_field_error(label: str, api: APIClient) -> None:
    answer = api.patch(f"{URL}1/", {"label": label})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "label"


@pytest.mark.parametrize("path", ["9/", "0/", "99999999999999999999/", "x/"])
def test_unknown_node_is_not_found(path: str, api: APIClient) -> None:
    assert api.get(f"{URL}{path}").status_code == 404


def test_auditor_changes_no_node(cluster: Cluster) -> None:
    answer = json_client(make_auditor()).patch(f"{URL}1/", {"label": "x"})

    assert answer.status_code == 403


@pytest.mark.parametrize("query", ["?role=worker", "?fqdn=node2.example.org", "?state=active"])
def test_list_is_filtered(query: str, api: APIClient) -> None:
    add_node(2)

    listed = api.get(f"{URL}{query}").json()["results"]

    assert 2 in [node["id"] for node in listed]


def test_list_costs_the_same_whatever_its_length(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(2, 30):
        add_node(number)

    with django_assert_max_num_queries(4):
        api.get(URL)
