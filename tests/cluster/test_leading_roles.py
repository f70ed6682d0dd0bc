"""What the web answers while leadership moves, is in doubt, or was lost (design section 4)."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster import state, stragglers
from cluster.errors.leadership import LeadershipContested
from cluster.models import Cluster, FollowUp
from cluster.tasks import sweep
from nodes.agent import signing
from nodes.agent.history import Contest
from tests.cluster.fleets import Fleet
from tests.cluster.leading import CANCEL, DEED, api, code_of, page
from tests.fakes import FakeAgent

__all__ = ["api", "page"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def deposed(fleet: Fleet) -> FakeAgent:
    """Node 3 leads term 2."""
    agent = fleet.agents[1]
    agent.depose(by=3, term=2)
    return agent


@pytest.fixture
def contested(fleet: Fleet) -> FakeAgent:
    """Node 2 says that node 3 leads term 2."""
    agent = fleet.agents[1]
    agent.contest(Contest(node_id=2, term=2, leader=3))
    return agent


@pytest.mark.parametrize("path", ["nodes/", "operations/", "audit/events/", "account/"])
def test_deposed_leader_shows_what_it_knew(deposed: FakeAgent, api: APIClient, path: str) -> None:
    assert api.get(f"/api/v1/{path}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "join-codes/"),
        ("patch", "cluster/"),
        ("patch", "nodes/2/"),
        ("post", "administrators/"),
        ("post", CANCEL),
    ],
)
def test_deposed_leader_changes_nothing(
    deposed: FakeAgent, api: APIClient, method: str, path: str
) -> None:
    answer = getattr(api, method)(f"/api/v1/{path}", {"label": "late"})

    assert code_of(answer) == (409, "leader_deposed")
    assert "https://node3.example.org:8443" in answer.json()["errors"][0]["detail"]


def test_page_of_a_deposed_leader_says_why_it_changes_nothing(
    deposed: FakeAgent, page: Client
) -> None:
    answer = page.post("/settings/cluster/", {"label": "late"})

    assert answer.status_code == 409
    assert b"node3.example.org" in answer.content


@pytest.mark.parametrize("path", ["sync", "enrol"])
def test_deposed_leader_answers_no_agent_and_names_the_new_leader(
    deposed: FakeAgent, path: str
) -> None:
    answer = Client().post(f"/agent/v1/{path}", {}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_leader")
    assert answer.json()["leader"] == {"id": 3, "console_url": "https://node3.example.org:8443"}


def test_deposed_leader_says_in_the_api_who_leads(deposed: FakeAgent, api: APIClient) -> None:
    answer = api.get("/api/v1/cluster/").json()

    assert (answer["role"], answer["leader"], answer["label"]) == ("deposed", 3, "Fleet")
    assert answer["successor"] == {
        "id": 3,
        "fqdn": "node3.example.org",
        "console_url": "https://node3.example.org:8443",
        "term": 2,
    }


def test_deposed_leader_follows_by_one_call(deposed: FakeAgent, api: APIClient) -> None:
    answer = api.post("/api/v1/cluster/follow/")

    assert (answer.status_code, answer.json()["role"]) == (200, "worker")
    assert deposed.status()["approvals"] == [{"node_id": 3, "above_term": 1}]


def test_administrator_who_has_it_follow_is_in_the_trail(
    deposed: FakeAgent, api: APIClient
) -> None:
    """S44."""
    api.post("/api/v1/cluster/follow/", {"node": 3})

    event = AuditEvent.objects.get(action="leadership.followed")
    assert (event.user_kind, event.interface) == ("administrator", "api")


def test_new_machine_has_nobody_to_follow(local_agent: FakeAgent, api: APIClient) -> None:
    answer = api.post("/api/v1/cluster/follow/", {})

    assert code_of(answer) == (409, "not_a_member")


def test_leader_that_works_follows_nobody_by_the_api(fleet: Fleet, api: APIClient) -> None:
    assert code_of(api.post("/api/v1/cluster/follow/")) == (409, "node_is_leader")


def test_leader_in_doubt_suspends_changes_and_names_who_says_what(
    contested: FakeAgent, api: APIClient
) -> None:
    answer = api.patch("/api/v1/cluster/", {"label": "late"})

    assert code_of(answer) == (503, "leadership_contested")
    assert "node2 says that node3 leads term 2." in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("path", ["cluster/", "nodes/", "audit/events/"])
def test_leader_in_doubt_shows_all(contested: FakeAgent, api: APIClient, path: str) -> None:
    assert api.get(f"/api/v1/{path}").status_code == 200


def test_leader_in_doubt_says_so_in_the_api(contested: FakeAgent, api: APIClient) -> None:
    answer = api.get("/api/v1/cluster/").json()

    assert (answer["role"], answer["leader"]) == ("leader", 1)
    assert answer["contested"] == [{"node": 2, "term": 2, "leader": 3}]


def test_leader_in_doubt_hears_its_nodes_and_takes_no_new_one(
    fleet: Fleet, contested: FakeAgent
) -> None:
    enrolled = Client().post("/agent/v1/enrol", {}, content_type="application/json")

    assert fleet.machines[2].sync(source="10.5.4.2").status_code == 200
    assert (enrolled.status_code, enrolled.json()["code"]) == (503, "leadership_contested")


def test_leader_in_doubt_makes_no_new_state_for_anybody(contested: FakeAgent) -> None:
    """Neither for a command nor for an operation, which no web stands in the way of."""
    with pytest.raises(LeadershipContested, match="node2 says that node3 leads term 2"):
        state.bump()


def test_leader_in_doubt_sweeps_without_changing_anything(contested: FakeAgent) -> None:
    """A follow-up that would settle itself waits for the decision."""
    FollowUp.objects.create(kind=stragglers.KIND, subject="node9", detail="It is late.", node=9)

    sweep()

    assert FollowUp.objects.open().exists()


def test_deeds_are_brought_again_after_a_doubt(contested: FakeAgent, fleet: Fleet) -> None:
    answer = fleet.machines[2].sync(deeds=[DEED | {"node_id": 3, "late_changes": 2}])

    assert (answer.status_code, answer.json()["deeds_noted"]) == (200, [])


def test_leader_in_doubt_stays_by_one_call(contested: FakeAgent, api: APIClient) -> None:
    answer = api.post("/api/v1/cluster/reassert/")

    assert (answer.status_code, answer.json()["term"]) == (200, 3)
    assert api.patch("/api/v1/cluster/", {"label": "On"}).status_code == 200


def test_leader_in_doubt_follows_by_one_call(contested: FakeAgent, api: APIClient) -> None:
    assert api.post("/api/v1/cluster/follow/").json()["role"] == "worker"


def test_leader_without_doubt_has_nothing_to_stay_against(fleet: Fleet, api: APIClient) -> None:
    assert code_of(api.post("/api/v1/cluster/reassert/")) == (409, "node_is_already_leader")


@pytest.fixture
def removed(fleet: Fleet) -> FakeAgent:
    """This machine was node 3."""
    key = fleet.agents[3].status()["keys"]["identity_key"]
    farewell = fleet.agents[1].farewell(node_id=3, identity_key=key)
    agent = fleet.become(3)
    agent.depart(farewell)
    return agent


def test_removed_node_says_so_in_the_api(removed: FakeAgent, api: APIClient) -> None:
    answer = api.get("/api/v1/cluster/").json()

    assert (answer["role"], answer["label"], answer["leader"]) == ("removed", None, None)
    assert answer["removed"]["leader"] == 1


@pytest.mark.parametrize("path", ["nodes/", "operations/", "administrators/", "join-codes/"])
def test_removed_node_shows_and_changes_nothing(
    removed: FakeAgent, api: APIClient, path: str
) -> None:
    assert code_of(api.get(f"/api/v1/{path}")) == (409, "not_leader")
    assert code_of(api.post(f"/api/v1/{path}")) == (409, "not_leader")


def test_removed_node_answers_no_agent_and_knows_no_leader(removed: FakeAgent) -> None:
    answer = Client().post("/agent/v1/sync", {}, content_type="application/json")

    assert (answer.json()["code"], answer.json()["leader"]) == ("not_leader", None)


def test_every_member_attests_whom_it_follows(fleet: Fleet) -> None:
    fleet.become(2)

    answer = Client().get("/agent/v1/leadership").json()

    key = fleet.agents[2].status()["keys"]["identity_key"]
    assert b'"leader":{"id":1' in signing.verify(answer["claim"], key=key)
    assert (answer["handover"], answer["built_on"]) == (None, None)


def test_removed_node_attests_nothing(removed: FakeAgent) -> None:
    assert Client().get("/agent/v1/leadership").json()["claim"] is None


def test_leader_says_how_its_term_began(fleet: Fleet) -> None:
    Cluster.objects.update(
        handover={"signed": "x"},
        built_on={"term": 1, "generation": 7, "leader": 2, "audit": {"count": 5, "hash": "h"}},
    )

    answer = Client().get("/agent/v1/leadership").json()

    assert answer["handover"] == {"signed": "x"}
    assert answer["built_on"] == {"term": 1, "generation": 7, "events": 5}
