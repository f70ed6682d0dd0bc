"""What the web answers while leadership moves, is in doubt, or was lost (design section 4)."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEvent
from cluster import state, stragglers
from cluster.errors.leadership import LeadershipContested
from cluster.models import Cluster, FollowUp
from cluster.tasks import sweep
from nodes.agent import signing
from nodes.agent.history import Contest
from nodes.models import Node
from tests.accounts.factories import api_client, browser, make_administrator
from tests.cluster.factories import hear_from, send_sync
from tests.cluster.fleets import Fleet, make_fleet
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
LIVE = {"HX-Request": "true"}
CANCEL = f"operations/{uuid.UUID(int=7)}/cancel/"


@pytest.fixture
def fleet(
    db: None,
    local_agent: FakeAgent,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> Fleet:
    """Three nodes; this machine is node 1, and leads."""
    settings.STATE_DIR = tmp_path
    return make_fleet(tmp_path, local_agent, monkeypatch=monkeypatch, settings=settings)


@pytest.fixture
def api() -> APIClient:
    client = api_client(make_administrator())
    client.default_format = "json"
    return client


@pytest.fixture
def page() -> Client:
    return browser(make_administrator("bob"))


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


@pytest.fixture
def former(fleet: Fleet) -> FakeAgent:
    """This node handed its leadership over to node 2."""
    agent = fleet.agents[1]
    agent.hand_over(to=2, generation=agent.status()["generation"])
    return agent


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


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

    assert answer["HX-Redirect"] == "https://node2.example.org:8443/operations/"


def test_banner_of_an_open_page_leads_that_page_on(former: FakeAgent, page: Client) -> None:
    live = LIVE | {"HX-Current-URL": "https://node1.example.org:8443/account/"}

    answer = page.get("/banners/", headers=live)

    assert answer["HX-Redirect"] == "https://node2.example.org:8443/account/"


def test_page_that_is_no_path_leads_nowhere_else(former: FakeAgent, page: Client) -> None:
    answer = page.get("/nodes/", headers=LIVE | {"HX-Current-URL": "@example.com/"})

    assert answer["HX-Redirect"] == "https://node2.example.org:8443/nodes/"


def test_start_page_of_a_former_leader_stays(former: FakeAgent, page: Client) -> None:
    answer = page.get("/", headers=LIVE | {"HX-Current-URL": "https://node1.example.org:8443/"})

    assert "HX-Redirect" not in answer.headers


def test_page_of_a_former_leader_that_is_opened_leads_to_its_start(
    former: FakeAgent, page: Client
) -> None:
    answer = page.get("/nodes/")

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_change_on_an_open_page_of_a_former_leader_is_not_sent_on(
    former: FakeAgent, page: Client
) -> None:
    assert page.post("/settings/cluster/", headers=LIVE)["HX-Redirect"] == "/"


@pytest.mark.parametrize("path", ["prepare", "lead", "audit_export"])
def test_worker_hears_its_leader_handing_over(fleet: Fleet, path: str) -> None:
    fleet.become(2)

    answer = Client().post(f"/agent/v1/{path}", {}, content_type="application/json")

    assert answer.json()["code"] != "not_leader"


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


def test_leaders_own_agent_is_told_who_is_silent(fleet: Fleet) -> None:
    hear_from(2)

    answer = fleet.machines[2].sync(source="10.5.4.2")
    own = own_sync(fleet)

    assert own["silent"] == [3]
    assert "silent" not in answer.json()


@pytest.mark.parametrize(("seconds", "silent"), [(3, [2]), (5, [2, 3])])
def test_node_is_silent_once_it_has_missed_two_calls(
    fleet: Fleet, seconds: int, silent: list[int]
) -> None:
    """So that a leader that was replaced knows it within ten seconds."""
    hear_from(3, last_contact=timezone.now() - timedelta(seconds=seconds))

    assert own_sync(fleet)["silent"] == silent


def test_removed_node_is_not_silent(fleet: Fleet) -> None:
    Node.objects.filter(pk=3).update(state=Node.State.REMOVED)
    hear_from(2)

    assert own_sync(fleet)["silent"] == []


def own_sync(fleet: Fleet) -> dict[str, Any]:
    answer: dict[str, Any] = send_sync(fleet.agents[1], Client()).json()
    return answer


DEED = {"id": "d1", "at": "2026-11-22T12:00:00+00:00", "by": "root@x", "verb": "follow"}


def test_what_root_did_on_a_worker_is_in_the_trail_once(fleet: Fleet) -> None:
    """S44: by root there, whatever the node says."""
    deeds = [DEED | {"node_id": 3}]

    noted = [fleet.machines[2].sync(deeds=deeds).json()["deeds_noted"] for _ in range(2)]

    event = AuditEvent.objects.get(action="leadership.approved")
    assert noted == [["d1"], ["d1"]]
    assert (event.user, event.user_kind) == ("root@node2.example.org", "root")
    assert (event.interface, event.target_id) == ("command", "3")
    assert event.details["at"] == DEED["at"]


def test_late_changes_of_a_former_leader_become_a_follow_up(fleet: Fleet) -> None:
    fleet.machines[2].sync(deeds=[DEED | {"node_id": 3, "late_changes": 2}])

    follow_up = FollowUp.objects.get(kind=FollowUp.Kind.LATE_WRITES)
    assert (follow_up.subject, follow_up.node) == ("node2", 2)
    assert "2 changes were made there too late" in follow_up.detail


def test_worker_that_never_led_leaves_no_follow_up(fleet: Fleet) -> None:
    fleet.machines[2].sync(deeds=[DEED | {"node_id": 3}])

    assert not FollowUp.objects.exists()


def test_deeds_are_brought_again_after_a_freeze(frozen: None, fleet: Fleet) -> None:
    answer = fleet.machines[2].sync(deeds=[DEED | {"node_id": 3}])

    assert (answer.status_code, answer.json()["deeds_noted"]) == (200, [])


def test_deed_of_a_later_version_is_forgotten(fleet: Fleet) -> None:
    answer = fleet.machines[2].sync(deeds=[DEED | {"node_id": 3, "verb": "dance"}])

    assert answer.json()["deeds_noted"] == ["d1"]
    assert not AuditEvent.objects.filter(action="leadership.approved").exists()


@pytest.mark.parametrize("deeds", ["x", [1], [{}], [DEED], [DEED | {"node_id": "3"}]])
def test_deed_without_shape_is_refused(fleet: Fleet, deeds: Any) -> None:
    assert fleet.machines[2].sync(deeds=deeds).status_code == 400
