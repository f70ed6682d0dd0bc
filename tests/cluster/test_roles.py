"""What a node answers in each of its roles, and what a node's own key opens: nothing here."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from cluster.models import Cluster, Operation
from cluster.services.joining import request_join
from nodes.agent import signing
from tests.accounts.factories import api_client, browser, make_administrator
from tests.cluster.factories import ADMIN, Newcomer, carry_on, make_code
from tests.cluster.fake_leader import URL, FakeLeader
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(
    local_agent: FakeAgent, settings: Any, tmp_path: Path
) -> tuple[Client, APIClient, Operation]:
    """This machine has joined somebody's cluster; browser and program were logged in before."""
    administrator = make_administrator()
    page, api = browser(administrator), api_client(administrator)
    settings.TRANSPORT = leader = FakeLeader(tmp_path / "leader")
    operation = carry_on(request_join(actor=ADMIN, code=leader.code(), fqdn="node2.example.org"))
    local_agent.receive(leader.activate())
    return page, api, carry_on(operation)


@pytest.mark.parametrize(
    "path", ["nodes/", "join-codes/", "audit/events/", "nodes/1/", "no-such-path/"]
)
def test_new_machine_has_nothing_that_needs_a_cluster(path: str, local_agent: FakeAgent) -> None:
    answer = api_client(make_administrator()).get(f"/api/v1/{path}")

    assert answer.status_code == 409
    assert answer.json()["type"] == "client_error"
    assert answer.json()["errors"][0]["code"] == "cluster_not_created"


@pytest.mark.parametrize("path", ["cluster/", "operations/", "account/", "administrators/"])
def test_new_machine_has_what_leads_to_a_cluster(path: str, local_agent: FakeAgent) -> None:
    answer = api_client(make_administrator()).get(f"/api/v1/{path}")

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["enrol", "sync"])
def test_new_machine_answers_no_agent(path: str, local_agent: FakeAgent) -> None:
    answer = Client().post(f"/agent/v1/{path}", {}, content_type="application/json")

    assert answer.status_code == 409
    assert answer.json()["code"] == "cluster_not_created"


@pytest.mark.parametrize(
    "path",
    [
        *("/nodes/", "/join-codes/x/", "/applications/", "/domains/create/", "/logs/"),
        *("/settings/cluster/", "/settings/logs/"),
    ],
)
def test_page_that_needs_a_cluster_leads_to_the_start(path: str, local_agent: FakeAgent) -> None:
    answer = browser(make_administrator()).get(path)

    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "path", ["cluster/", "nodes/", "operations/", "account/", "administrators/", "auth/login/"]
)
def test_worker_names_the_leader_to_every_program(path: str, worker: Any) -> None:
    """S5."""
    answer = worker[1].get(f"/api/v1/{path}")

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["code"]) == (409, "not_leader")
    assert URL in error["detail"]


@pytest.mark.parametrize("path", ["/nodes/", "/account/", "/login/", "/operations/", "/x/"])
def test_worker_leads_every_page_to_its_start(path: str, worker: Any) -> None:
    """S5."""
    answer = worker[0].get(path)

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_live_part_on_a_worker_leads_the_whole_page_to_its_start(worker: Any) -> None:
    answer = worker[0].get("/nodes/", headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == "/"


def test_worker_shows_how_its_own_join_went(worker: Any) -> None:
    page, api, operation = worker

    answer = api.get(f"/api/v1/operations/{operation.pk}/")

    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")
    assert page.get(f"/operations/{operation.pk}/").status_code == 200


def test_worker_changes_no_operation(worker: Any) -> None:
    _, api, operation = worker

    assert api.post(f"/api/v1/operations/{operation.pk}/cancel/").status_code == 409
    assert api.delete(f"/api/v1/operations/{operation.pk}/").status_code == 409


@pytest.mark.parametrize("path", ["enrol", "sync"])
def test_worker_answers_no_agent(path: str, worker: Any) -> None:
    answer = Client().post(f"/agent/v1/{path}", {}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_leader")


def test_worker_says_whom_it_follows(worker: Any) -> None:
    answer = Client().get("/agent/v1/leadership").json()

    assert (answer["role"], answer["node"], answer["leader"]) == ("worker", 2, 1)
    assert answer["leader_url"] == URL
    assert (answer["handover"], answer["built_on"]) == (None, None)


def test_new_machine_says_that_it_belongs_to_nobody(local_agent: FakeAgent) -> None:
    answer = Client().get("/agent/v1/leadership").json()

    assert answer["role"] == "uninitialised"
    assert (answer["cluster"], answer["leader"], answer["claim"]) == (None, None, None)


def test_machine_that_is_joining_says_that_it_belongs_to_nobody(
    local_agent: FakeAgent, settings: Any, tmp_path: Path
) -> None:
    settings.TRANSPORT = leader = FakeLeader(tmp_path / "leader")
    carry_on(request_join(actor=ADMIN, code=leader.code(), fqdn="node2.example.org"))

    answer = Client().get("/agent/v1/leadership").json()

    assert (answer["cluster"], answer["leader"], answer["leader_url"]) == (None, None, None)


def test_leader_signs_its_claim(cluster: Cluster, local_agent: FakeAgent) -> None:
    answer = Client().get("/agent/v1/leadership").json()

    key = local_agent.status()["keys"]["identity_key"]
    word = json.loads(signing.verify(answer["claim"], key=key))
    assert (word["cluster"], word["term"], word["node"]) == (str(cluster.uuid), 1, 1)
    assert word["leader"] == {"id": 1, "identity_key": key}
    assert (answer["cluster"], answer["leader"]) == (str(cluster.uuid), 1)


def test_leader_whose_agent_is_away_still_answers(cluster: Cluster, local_agent: FakeAgent) -> None:
    local_agent.available = False

    answer = Client().get("/agent/v1/leadership")

    assert (answer.status_code, answer.json()["claim"]) == (200, None)


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
@pytest.mark.parametrize(
    "path",
    [
        "cluster/",
        "nodes/",
        "nodes/1/",
        "nodes/2/",
        "join-codes/",
        "operations/",
        "administrators/",
        "account/",
        "tokens/",
        "audit/events/",
    ],
)
def test_key_of_a_node_opens_no_path_of_the_api(
    method: str, path: str, cluster: Cluster, newcomer: Newcomer
) -> None:
    """A node's key is good for its own sync and nothing else."""
    newcomer.adopt(newcomer.enrol(make_code()[1]).json())
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {newcomer.agent.token(audience=str(cluster.uuid))}")

    assert getattr(api, method)(f"/api/v1/{path}").status_code == 401


def test_session_of_an_administrator_opens_no_agent_call(cluster: Cluster) -> None:
    answer = browser(make_administrator()).post(
        "/agent/v1/sync", {}, content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "cluster_auth_error")
