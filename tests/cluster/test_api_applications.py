"""``/api/v1/applications/`` and ``/api/v1/domains/``: what runs where (S14, S16)."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from cluster.models import Cluster
from nodes.models import Application, Node
from tests.accounts.factories import make_administrator, make_auditor
from tests.cluster.factories import add_node, json_client

pytestmark = pytest.mark.django_db
URL = "/api/v1/applications/"
DOMAINS = "/api/v1/domains/"


@pytest.fixture
def api(cluster: Cluster) -> APIClient:
    """An administrator's program on the leader of three nodes."""
    add_node(2)
    add_node(3)
    return json_client(make_administrator())


def run(node: int, name: str, **values: Any) -> Application:
    given = {"node_id": node, "engine": "container", "name": name, "state": "running"}
    return Application.objects.create(**(given | values))


def provide(node: int, domain: str, *, name: str = "ldap") -> Application:
    return run(node, name, role="account-provider", domain=domain)


def names(api: APIClient, **narrowing: Any) -> list[str]:
    return [each["name"] for each in api.get(URL, narrowing).json()["results"]]


def test_application_has_its_shape(api: APIClient) -> None:
    labels = {"flotilla.role": "account-provider"}
    row = run(2, "ldap", image="localhost/ldap:1", ports=["20389->389/tcp"], labels=labels)

    [shown] = api.get(URL).json()["results"]

    assert shown.pop("reported_at")
    assert shown == {
        "id": row.pk,
        "node": 2,
        "engine": "container",
        "name": "ldap",
        "image": "localhost/ldap:1",
        "state": "running",
        "ports": ["20389->389/tcp"],
        "labels": labels,
        "role": "",
        "domain": "",
        "managed": False,
    }


def test_application_is_found_by_its_id(api: APIClient) -> None:
    row = run(2, "web")

    assert api.get(f"{URL}{row.pk}/").json()["name"] == "web"
    assert api.get(f"{URL}{row.pk + 1}/").status_code == 404


@pytest.mark.parametrize(
    ("narrowing", "found"),
    [
        ({"node": 2}, ["ldap", "web"]),
        ({"role": "account-provider"}, ["ldap"]),
        ({"domain": "example.org"}, ["ldap"]),
        ({"state": "exited"}, ["old"]),
        ({"engine": "pod"}, ["mail"]),
        ({"node": 2, "state": "exited"}, []),
    ],
)
def test_list_can_be_narrowed(narrowing: dict[str, Any], found: list[str], api: APIClient) -> None:
    provide(2, "example.org")
    run(2, "web")
    run(3, "old", state="exited")
    run(3, "mail", engine="pod")

    assert names(api, **narrowing) == found


@pytest.mark.parametrize("state", [Node.State.REMOVING, Node.State.REMOVED])
def test_application_of_a_node_that_leaves_is_not_listed(state: str, api: APIClient) -> None:
    """S19: it goes on running there, and is no longer the cluster's."""
    row = provide(3, "example.org")
    Node.objects.filter(pk=3).update(state=state)

    assert names(api) == []
    assert api.get(f"{URL}{row.pk}/").status_code == 404
    assert api.get(DOMAINS).json()["results"] == []


def test_what_was_not_installed_from_here_is_not_touched(api: APIClient) -> None:
    url = f"{URL}{run(2, 'web').pk}/"

    answers = [api.delete(url), api.patch(url, {"state": "stopped"}), api.get(f"{url}logs/")]

    codes = {answer.json()["errors"][0]["code"] for answer in answers}
    assert codes == {"application_not_managed"}


def test_auditor_may_look(api: APIClient) -> None:
    auditor = json_client(make_auditor())

    assert {auditor.get(URL).status_code, auditor.get(DOMAINS).status_code} == {200}


def test_domain_says_how_many_replicas_provide_it_and_where(api: APIClient) -> None:
    """S16."""
    provide(2, "example.org")
    provide(2, "example.org", name="ldap-replica")
    provide(3, "example.org")
    provide(3, "other.org", name="samba")
    run(3, "web", domain="")

    found = api.get(DOMAINS).json()["results"]
    assert [(each["name"], each["providers"], each["nodes"]) for each in found] == [
        ("example.org", 3, [2, 3]),
        ("other.org", 1, [3]),
    ]


def test_domains_come_in_pages(api: APIClient) -> None:
    for number in range(3):
        provide(2, f"d{number}.example.org", name=f"ldap{number}")

    first = api.get(DOMAINS, {"page_size": 2}).json()
    second = api.get(first["next"]).json()

    assert [each["name"] for each in first["results"]] == ["d0.example.org", "d1.example.org"]
    assert [each["name"] for each in second["results"]] == ["d2.example.org"]
    assert second["next"] is None


def test_domains_cost_the_same_few_queries_whatever_their_number(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        provide(2, f"d{number}.example.org", name=f"ldap{number}")
    api.get(DOMAINS)

    with django_assert_max_num_queries(8):
        assert len(api.get(DOMAINS).json()["results"]) == 30


def test_providers_of_a_domain_are_listed(api: APIClient) -> None:
    provide(2, "example.org")
    provide(3, "other.org")

    answer = api.get(f"{DOMAINS}Example.org/providers/").json()

    assert [(each["node"], each["name"]) for each in answer["results"]] == [(2, "ldap")]


def test_domain_that_nobody_provides_is_not_found(api: APIClient) -> None:
    answer = api.get(f"{DOMAINS}nobody.example.org/providers/")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "domain_not_found")
