"""What the web answers while leadership moves, and on the node that had it until then."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from cluster.models import Cluster
from tests.cluster.fleets import Fleet
from tests.cluster.leading import CANCEL, DEED, api, code_of, page
from tests.fakes import FakeAgent

__all__ = ["api", "page"]
pytestmark = pytest.mark.django_db
LIVE = {"HX-Request": "true"}


@pytest.fixture
def former(fleet: Fleet) -> FakeAgent:
    """This node handed its leadership over to node 2."""
    agent = fleet.agents[1]
    agent.hand_over(to=2, generation=agent.status()["generation"])
    return agent


@pytest.fixture
def frozen(fleet: Fleet) -> None:
    Cluster.objects.update(frozen_until=timezone.now() + timedelta(seconds=15))


def test_changes_wait_a_second_while_leadership_moves(frozen: None, api: APIClient) -> None:
    answer = api.patch("/api/v1/cluster/", {"label": "late"})

    assert code_of(answer) == (503, "leadership_moving")
    assert answer.headers["Retry-After"] == "1"


def test_pages_wait_too_while_leadership_moves(frozen: None, page: Client) -> None:
    answer = page.post("/settings/cluster/", {"label": "late"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_new_machine_waits_too_while_leadership_moves(frozen: None) -> None:
    answer = Client().post("/agent/v1/enrol", {}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (503, "leadership_moving")


def test_login_and_cancel_are_open_while_leadership_moves(frozen: None, api: APIClient) -> None:
    login = APIClient().post(
        "/api/v1/auth/login/", {"username": "x", "password": "y"}, format="json"
    )

    assert login.status_code == 401
    assert api.post(f"/api/v1/{CANCEL}").status_code == 404


def test_freeze_ends_by_itself(fleet: Fleet, api: APIClient) -> None:
    Cluster.objects.update(frozen_until=timezone.now() - timedelta(seconds=1))

    assert api.patch("/api/v1/cluster/", {"label": "On"}).status_code == 200


def test_open_page_of_a_former_leader_goes_on_at_the_new_one(
    former: FakeAgent, page: Client
) -> None:
    live = LIVE | {"HX-Current-URL": "https://node1.example.org:8443/operations/?page=2"}

    answer = page.get("/operations/", headers=live)

    assert answer["HX-Redirect"] == "https://node2.example.org:8443/?next=%2Foperations%2F"


def test_banner_of_an_open_page_leads_that_page_on(former: FakeAgent, page: Client) -> None:
    live = LIVE | {"HX-Current-URL": "https://node1.example.org:8443/account/"}

    answer = page.get("/banners/", headers=live)

    assert answer["HX-Redirect"] == "https://node2.example.org:8443/?next=%2Faccount%2F"


def test_page_that_is_no_path_leads_nowhere_else(former: FakeAgent, page: Client) -> None:
    answer = page.get("/nodes/", headers=LIVE | {"HX-Current-URL": "@example.com/"})

    assert answer["HX-Redirect"] == "https://node2.example.org:8443/?next=%2Fnodes%2F"


def test_start_page_of_a_former_leader_stays(former: FakeAgent, page: Client) -> None:
    answer = page.get("/", headers=LIVE | {"HX-Current-URL": "https://node1.example.org:8443/"})

    assert "HX-Redirect" not in answer.headers


def test_page_of_a_former_leader_that_is_opened_leads_to_its_start(
    former: FakeAgent, page: Client
) -> None:
    answer = page.get("/nodes/")

    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("/operations/?page=2", "/operations/?page=2"),
        ("https://example.com/", "/overview/"),
        ("//example.com/", "/overview/"),
        ("", "/overview/"),
    ],
)
def test_start_page_of_a_new_leader_goes_on_to_what_was_open(
    fleet: Fleet, page: Client, asked: str, shown: str
) -> None:
    answer = page.get("/", {"next": asked})

    assert (answer.status_code, answer["Location"]) == (302, shown)


def test_start_page_of_a_candidate_keeps_asking_for_what_was_open(
    former: FakeAgent, page: Client
) -> None:
    answer = page.get("/", {"next": "/operations/"})

    assert 'data-hx-get="/?next=%2Foperations%2F"' in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"next": "/operations/"}, "The lead is moving to this machine"),
        ({}, "This machine no longer leads"),
    ],
)
def test_start_page_says_that_the_lead_is_coming_only_to_who_came_along(
    former: FakeAgent, page: Client, asked: dict[str, str], said: str
) -> None:
    answer = page.get("/", asked).content.decode()

    assert f"<h1>{said}</h1>" in answer
    assert 'href="https://node2.example.org:8443"' in answer


def test_change_on_an_open_page_of_a_former_leader_is_not_sent_on(
    former: FakeAgent, page: Client
) -> None:
    assert page.post("/settings/cluster/", headers=LIVE)["HX-Redirect"] == "/"


@pytest.mark.parametrize("path", ["prepare", "lead", "audit_export"])
def test_worker_hears_its_leader_handing_over(fleet: Fleet, path: str) -> None:
    fleet.become(2)

    answer = Client().post(f"/agent/v1/{path}", {}, content_type="application/json")

    assert answer.json()["code"] != "not_leader"


def test_deeds_are_brought_again_after_a_freeze(frozen: None, fleet: Fleet) -> None:
    answer = fleet.machines[2].sync(deeds=[DEED | {"node_id": 3}])

    assert (answer.status_code, answer.json()["deeds_noted"]) == (200, [])
