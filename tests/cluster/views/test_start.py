"""Where the console begins: the start page, a new machine's welcome, a worker's page."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import URLPattern

from cluster.models import Cluster
from cluster.views.urls import urlpatterns
from tests.cluster.views.conftest import become
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db


def test_new_machine_leads_to_its_welcome(browser: Client, local_agent: FakeAgent) -> None:
    assert browser.get("/", follow=True).redirect_chain == [("/welcome/", 302)]


def test_leader_leads_to_its_overview(browser: Client, cluster: Cluster) -> None:
    assert browser.get("/", follow=True).redirect_chain == [("/overview/", 302)]


def test_stranger_is_asked_to_log_in(stranger: Client, local_agent: FakeAgent) -> None:
    answer = stranger.get("/", follow=True)

    assert answer.redirect_chain[-1] == ("/login/?next=/welcome/", 302)


def test_welcome_offers_to_create_and_to_join(browser: Client, local_agent: FakeAgent) -> None:
    """S9."""
    answer = browser.get("/welcome/")

    assert 'href="/create/"' in answer.text
    assert 'href="/join/"' in answer.text


def test_welcome_says_why_the_last_attempt_came_to_nothing(
    browser: Client, local_agent: FakeAgent
) -> None:
    become(local_agent, "uninitialised", reason="The leader did not answer in time.")

    assert "The leader did not answer in time." in browser.get("/welcome/").text


def test_welcome_of_a_machine_that_has_joined_leads_to_its_start(
    browser: Client, cluster: Cluster
) -> None:
    assert browser.get("/welcome/").headers["Location"] == "/"


def test_auditor_is_offered_nothing_that_changes_the_machine(
    auditor: Client, local_agent: FakeAgent
) -> None:
    assert 'href="/create/"' not in auditor.get("/welcome/").text


def test_worker_says_what_it_is_and_links_to_the_leader(
    stranger: Client, worker: FakeAgent
) -> None:
    """S5."""
    answer = stranger.get("/")

    assert "This machine is a worker" in answer.text
    assert 'href="https://node1.example.org:8443"' in answer.text


def test_worker_tells_strangers_nothing_of_its_vpn(stranger: Client, worker: FakeAgent) -> None:
    worker.machine.vpn_reason = "wireguard-go is missing"

    assert "VPN" not in stranger.get("/").text


def test_worker_tells_administrators_how_its_vpn_does(browser: Client, worker: FakeAgent) -> None:
    worker.machine.vpn_reason = "wireguard-go is missing"

    assert "wireguard-go is missing" in browser.get("/").text


def test_worker_tells_administrators_when_it_last_heard_from_the_leader(
    browser: Client, worker: FakeAgent
) -> None:
    worker.machine.last_sync = {
        "at": "2026-11-22T10:00:00+00:00",
        "ok": False,
        "detail": "Connection refused.",
        "path": "vpn",
    }

    answer = browser.get("/")

    assert '<time datetime="2026-11-22T10:00:00+00:00"' in answer.text
    assert "Connection refused." in answer.text


def test_worker_says_that_its_agent_is_silent(browser: Client, worker: FakeAgent) -> None:
    worker.available = False

    assert "The agent of this machine does not answer." in browser.get("/").text


def test_removed_machine_says_so(stranger: Client, local_agent: FakeAgent) -> None:
    become(local_agent, "removed", leader=None)

    assert "This machine was removed from its cluster" in stranger.get("/").text


def test_page_of_a_worker_leads_to_its_start(browser: Client, worker: FakeAgent) -> None:
    assert browser.get("/nodes/").headers["Location"] == "/"


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
def test_page_is_guarded_by_the_admin_site_too(
    pattern: URLPattern, rf: RequestFactory, local_agent: FakeAgent
) -> None:
    """Even where no middleware stands before it."""
    request = rf.get("/somewhere/")
    request.user = AnonymousUser()
    captured = {"node_id": 1, "code_id": "x", "operation_id": "x"}

    answer = pattern.callback(request, **captured)

    assert answer.headers["Location"] == "/login/?next=/somewhere/"
