"""Asking for a removal: what is shown, and what is refused (S15 to S20)."""

import threading
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster.models import Cluster, Operation
from nodes.models import Application, Contact, Node
from tests.accounts.factories import make_administrator, make_auditor, named_client
from tests.cluster.factories import add_node, hear_from, json_client
from tests.cluster.removals import add_application, add_provider
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader; node 2 is online, node 3 is not."""
    add_node(2)
    hear_from(2)
    add_node(3)
    return json_client(make_administrator())


def url(number: int) -> str:
    return f"/api/v1/nodes/{number}/removal/"


def remove(api: APIClient, number: int = 2, **changes: Any) -> Any:
    """Look, and confirm what was shown."""
    digest = api.get(url(number)).json().get("digest", "")
    body = {"confirmation": f"node{number}", "digest": digest}
    return api.post(url(number), body | changes)


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def nothing_happened() -> bool:
    states = set(Node.objects.values_list("state", flat=True))
    asked = AuditEvent.objects.filter(action="node.removal.requested").exists()
    return states == {"active"} and not asked and not Operation.objects.open().exists()


def test_preview_lists_the_applications_of_that_node_only(api: APIClient) -> None:
    """S19."""
    add_application(2, name="web")
    add_application(3, name="mail")

    shown = api.get(url(2)).json()

    assert [each["name"] for each in shown["applications"]] == ["web"]
    assert (shown["providers"], shown["reachable"]) == ([], True)


def test_preview_names_account_provider_replicas(api: APIClient) -> None:
    """S16."""
    add_application(2, name="web")
    add_provider(2)

    shown = api.get(url(2)).json()

    assert [(each["name"], each["domain"]) for each in shown["providers"]] == [
        ("samba1", "example.org")
    ]


def test_removal_is_accepted_with_its_operation(api: APIClient) -> None:
    """S20."""
    answer = remove(api)

    operation = answer.json()["operation"]
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v1/operations/{operation['id']}/"
    assert (operation["kind"], operation["node"]) == ("remove", 2)
    assert [step["name"] for step in operation["steps"]] == [
        "revoke",
        "drop_peer",
        "tell",
        "archive",
    ]


def test_request_is_recorded_with_what_was_confirmed(api: APIClient) -> None:
    """S44."""
    add_application(2, name="web")

    remove(api)

    event = AuditEvent.objects.get(action="node.removal.requested")
    assert (event.user, event.node, event.details["applications"]) == ("ann", 2, ["web"])
    assert (event.details["force"], event.details["reachable"]) == (False, True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_leader_cannot_be_removed(method: str, api: APIClient) -> None:
    """S15: neither looked at for it, nor asked for."""
    body = {"confirmation": "node1", "digest": "x"}

    answer = api.get(url(1)) if method == "get" else api.post(url(1), body)

    assert error_of(answer) == (409, "node_is_leader")
    assert nothing_happened()


@pytest.mark.parametrize("number", [9, 0, 4294967296, 99999999999999999999])
@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_node_is_not_found(method: str, number: int, api: APIClient) -> None:
    body = {"confirmation": f"node{number}", "digest": "x"}

    answer = api.get(url(number)) if method == "get" else api.post(url(number), body)

    assert error_of(answer) == (404, "node_not_found")


def test_removed_node_is_not_found(api: APIClient) -> None:
    Node.objects.filter(pk=3).update(state=Node.State.REMOVED)

    assert error_of(api.get(url(3))) == (404, "node_not_found")


@pytest.mark.parametrize("text", ["node3", "Node2", "node2 ", " node2", "node 2", "2", "node22"])
def test_confirmation_is_exactly_the_nodes_name(text: str, api: APIClient) -> None:
    answer = remove(api, confirmation=text)

    assert error_of(answer) == (400, "confirmation_mismatch")
    assert answer.json()["errors"][0]["attr"] == "confirmation"
    assert nothing_happened()


@pytest.mark.parametrize("missing", ["confirmation", "digest"])
def test_nothing_is_removed_unseen(missing: str, api: APIClient) -> None:
    body = {"confirmation": "node2", "digest": "x"}
    del body[missing]

    answer = api.post(url(2), body)

    assert answer.json()["errors"][0]["attr"] == missing
    assert nothing_happened()


def test_list_that_has_changed_since_it_was_shown_is_not_removed(api: APIClient) -> None:
    """S19."""
    digest = api.get(url(2)).json()["digest"]
    add_application(2)

    assert error_of(remove(api, digest=digest)) == (409, "applications_changed")
    assert nothing_happened()


def test_list_that_was_not_known_when_it_was_shown_is_another_one(api: APIClient) -> None:
    """A node that has not yet said what it runs is no node without applications."""
    digest = api.get(url(2)).json()["digest"]
    Contact.objects.filter(node_id=2).update(inventory_digest="of nothing")

    assert error_of(remove(api, digest=digest)) == (409, "applications_changed")


def test_digest_of_another_node_is_not_good(api: APIClient) -> None:
    digest = api.get(url(3)).json()["digest"]

    assert error_of(remove(api, digest=digest)) == (409, "applications_changed")


def test_application_that_stopped_meanwhile_is_still_what_was_confirmed(api: APIClient) -> None:
    add_application(2)
    digest = api.get(url(2)).json()["digest"]
    Application.objects.update(state="exited")

    assert remove(api, digest=digest).status_code == 202


@pytest.mark.parametrize("force", [False, True])
def test_node_with_an_account_provider_stays(force: bool, api: APIClient) -> None:
    """S16: also by force, while it can be reached."""
    add_provider(2)

    answer = remove(api, force=force)

    assert error_of(answer) == (409, "node_runs_account_provider")
    assert "samba1 (example.org)" in answer.json()["errors"][0]["detail"]
    assert nothing_happened()


def test_unreachable_node_with_an_account_provider_goes_by_force(api: APIClient) -> None:
    """S17."""
    add_provider(3)

    assert error_of(remove(api, 3)) == (409, "node_runs_account_provider")
    assert remove(api, 3, force=True).status_code == 202


def test_unreachable_node_goes_by_force_only(api: APIClient) -> None:
    assert error_of(remove(api, 3)) == (409, "node_not_reachable")
    assert nothing_happened()
    assert remove(api, 3, force=True).status_code == 202


def test_joining_node_is_not_removed(api: APIClient) -> None:
    digest = api.get(url(2)).json()["digest"]
    Node.objects.filter(pk=2).update(state=Node.State.JOINING)

    assert error_of(api.get(url(2))) == (409, "node_state_conflict")
    assert error_of(remove(api, digest=digest)) == (409, "node_state_conflict")


def test_second_removal_waits_for_the_first(api: APIClient) -> None:
    remove(api, 2)

    assert error_of(remove(api, 2)) == (409, "operation_in_progress")
    assert error_of(remove(api, 3, force=True)) == (409, "operation_in_progress")
    assert Operation.objects.filter(kind="remove").count() == 1


def test_removal_that_was_lost_half_way_can_be_asked_for_again(api: APIClient) -> None:
    Node.objects.filter(pk=2).update(state=Node.State.REMOVING)

    assert remove(api).status_code == 202


def test_auditor_removes_nothing(api: APIClient) -> None:
    assert error_of(remove(json_client(make_auditor()))) == (403, "read_only_access")
    assert nothing_happened()


def test_read_only_token_removes_nothing(api: APIClient) -> None:
    client = named_client(make_administrator("bob"), read_only=True)
    client.default_format = "json"

    assert error_of(remove(client)) == (403, "read_only_access")
    assert nothing_happened()


@pytest.mark.django_db(transaction=True)
def test_two_removals_at_once_are_one_operation(local_agent: FakeAgent, cluster: Cluster) -> None:
    add_node(2)
    hear_from(2)
    clients = [json_client(make_administrator(name)) for name in ("ann", "bob")]
    digest = clients[0].get(url(2)).json()["digest"]
    barrier = threading.Barrier(len(clients))
    answers: list[int] = []

    def ask(client: APIClient) -> None:
        barrier.wait()
        answers.append(remove(client, digest=digest).status_code)
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [202, 409]
    assert Operation.objects.filter(kind="remove").count() == 1
