"""A leader that was replaced, and one whose lead another node disputes."""

import pytest
from django.test import Client

from audit.models import AuditEvent
from cluster.models import Cluster
from nodes.agent.history import Contest
from tests.cluster.fleets import Fleet
from tests.cluster.views.conftest import become
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
PAGES = ["/nodes/", "/nodes/2/", "/operations/", "/audit/", "/settings/cluster/", "/account/"]
POLL = {"HX-Request": "true"}


@pytest.fixture
def deposed(fleet: Fleet) -> FakeAgent:
    """Node 3 leads term 2."""
    fleet.agents[1].depose(by=3, term=2)
    return fleet.agents[1]


@pytest.fixture
def contested(fleet: Fleet) -> FakeAgent:
    """Node 2 says that node 3 leads term 2."""
    fleet.agents[1].contest(Contest(node_id=2, term=2, leader=3))
    return fleet.agents[1]


@pytest.mark.parametrize("path", PAGES)
def test_replaced_leader_says_on_every_page_who_leads(
    path: str, browser: Client, deposed: FakeAgent
) -> None:
    page = browser.get(path).text

    assert "This node no longer leads the cluster." in page
    assert 'href="https://node3.example.org:8443"' in page
    assert 'href="/follow-leader/"' in page


def test_open_page_of_a_replaced_leader_learns_of_it(browser: Client, deposed: FakeAgent) -> None:
    assert "This node no longer leads" in browser.get("/banners/", headers=POLL).text


def test_replaced_leader_begins_at_its_overview(browser: Client, deposed: FakeAgent) -> None:
    assert browser.get("/", follow=True).redirect_chain == [("/overview/", 302)]


def test_replaced_leader_does_not_pretend_to_know_how_the_nodes_are(
    browser: Client, deposed: FakeAgent
) -> None:
    page = browser.get("/nodes/").text

    assert "What is true now, node3 knows." in page
    assert "Check power and network." not in page


def test_replaced_leader_offers_no_button_that_changes_the_cluster(
    browser: Client, deposed: FakeAgent
) -> None:
    page = browser.get("/nodes/").text

    assert "Add node to cluster" not in page
    assert "Remove from cluster" not in page


def test_refused_change_says_who_leads_and_what_to_do(browser: Client, deposed: FakeAgent) -> None:
    answer = browser.post("/nodes/2/label/", {"label": "Files"})

    assert answer.status_code == 409
    assert "This node no longer leads" in answer.text
    assert 'href="/follow-leader/"' in answer.text


def test_late_changes_are_listed_before_the_node_follows(browser: Client, fleet: Fleet) -> None:
    browser.post("/nodes/2/label/", {"label": "Files"})
    fleet.agents[1].depose(by=3, term=2)

    page = browser.get("/follow-leader/")

    assert "Changed a node: node2 (node2.example.org)" in page.text
    assert page.context["late_count"] >= 1


def test_one_press_makes_it_follow(browser: Client, deposed: FakeAgent) -> None:
    answer = browser.post("/follow-leader/", {"leader": "3"}, follow=True)

    assert "It is managed in the console of its cluster's leader." in answer.text
    assert deposed.status()["role"] == "worker"
    assert AuditEvent.objects.get(action="leadership.followed").user == "alice"


def test_only_the_new_leader_can_be_followed(browser: Client, deposed: FakeAgent) -> None:
    answer = browser.post("/follow-leader/", {"leader": "2"})

    assert "leader" in answer.context["form"].errors
    assert deposed.status()["role"] == "deposed"


def test_silent_agent_is_said_and_nothing_happens(browser: Client, deposed: FakeAgent) -> None:
    deposed.available = False

    answer = browser.post("/follow-leader/", {"leader": "3"})

    assert "does not answer" in answer.context["form"].errors["__all__"][0]


def test_auditor_reads_the_late_changes_and_decides_nothing(
    auditor: Client, deposed: FakeAgent
) -> None:
    assert "<form class" not in auditor.get("/follow-leader/").text
    assert auditor.post("/follow-leader/", {"leader": "3"}).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_doubtful_leader_says_on_every_page_who_says_what(
    path: str, browser: Client, contested: FakeAgent
) -> None:
    page = browser.get(path).text

    assert "node2 says that node3 leads term 2." in page
    assert 'href="/follow-leader/?node=3"' in page
    assert 'href="/reassert-leader/"' in page


def test_refused_change_says_that_all_are_suspended(browser: Client, contested: FakeAgent) -> None:
    answer = browser.post("/nodes/2/label/", {"label": "Files"})

    assert answer.status_code == 503
    assert "Changes are suspended" in answer.text


def test_doubtful_leader_can_follow_the_other(browser: Client, contested: FakeAgent) -> None:
    assert browser.get("/follow-leader/?node=3").status_code == 200

    browser.post("/follow-leader/", {"leader": "3"})

    assert contested.status()["role"] == "worker"


def test_of_two_claimed_leaders_the_named_one_is_chosen(browser: Client, fleet: Fleet) -> None:
    fleet.agents[1].contest(
        Contest(node_id=2, term=2, leader=2), Contest(node_id=3, term=2, leader=3)
    )

    form = browser.get("/follow-leader/?node=3").context["form"]

    assert form.initial == {"leader": 3}
    assert [number for number, _ in form.fields["leader"].choices] == [2, 3]


def test_doubtful_leader_can_be_kept(browser: Client, contested: FakeAgent) -> None:
    assert "node2 says that node3 leads" in browser.get("/reassert-leader/").text

    answer = browser.post("/reassert-leader/", follow=True)

    assert "This node leads the cluster, in term 3." in answer.text
    assert Cluster.objects.get().term == 3
    assert not contested.status()["contested"]


def test_auditor_keeps_nobody(auditor: Client, contested: FakeAgent) -> None:
    assert auditor.post("/reassert-leader/").status_code == 403


@pytest.mark.parametrize("path", ["/follow-leader/", "/reassert-leader/"])
def test_leader_in_no_doubt_has_nothing_to_decide(
    path: str, browser: Client, cluster: Cluster
) -> None:
    assert browser.get(path).headers["Location"] == "/"
    assert browser.post(path, {"leader": "3"}).headers["Location"] == "/"


def test_former_leader_names_the_next_one(browser: Client, local_agent: FakeAgent) -> None:
    become(local_agent, "worker", node_id=2, handed_over={"term": 2, "to": 1})

    page = browser.get("/").text

    assert "This machine no longer leads" in page
    assert 'href="https://node1.example.org:8443"' in page
