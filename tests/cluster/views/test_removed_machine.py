"""A machine that was removed: what it says, and its clean start (S21, S22)."""

import pytest
from django.test import Client

from audit.models import AuditEvent
from tests.cluster.views.conftest import become
from tests.cluster.views.forms import errors
from tests.fakes import FakeAgent

pytestmark = pytest.mark.django_db
URL = "/clean-start/"


@pytest.fixture
def removed(local_agent: FakeAgent) -> FakeAgent:
    """This machine was node 3 until node 1 removed it."""
    told = {"at": "2026-11-22T10:00:00Z", "leader": 1, "confirmed": True}
    become(local_agent, "removed", removed=told)
    return local_agent


def test_page_says_when_and_by_whom(stranger: Client, removed: FakeAgent) -> None:
    page = stranger.get("/").text

    assert "It was <strong>node3</strong>." in page
    assert "node1, the leader, told it so" in page
    assert 'datetime="2026-11-22T10:00:00+00:00"' in page


def test_page_says_what_runs_on_and_what_to_do(stranger: Client, removed: FakeAgent) -> None:
    """S21, S22."""
    page = stranger.get("/").text

    assert "Its applications keep running." in page
    assert "shut this machine down" in page
    assert 'href="/clean-start/"' in page


def test_page_says_nothing_of_a_leader_that_manages_it(
    stranger: Client, removed: FakeAgent
) -> None:
    assert "console_url" not in stranger.get("/").text
    assert "https://node1.example.org:8443" not in stranger.get("/").text


def test_clean_start_asks_for_a_login(stranger: Client, removed: FakeAgent) -> None:
    assert stranger.get(URL).headers["Location"] == f"/login/?next={URL}"


def test_clean_start_says_what_stays(browser: Client, removed: FakeAgent) -> None:
    page = browser.get(URL).text

    assert "Applications and their data stay as they are" in page
    assert 'data-confirm="node3"' in page


@pytest.mark.parametrize("typed", ["", "node1", "yes"])
def test_clean_start_demands_the_former_name(
    typed: str, browser: Client, removed: FakeAgent
) -> None:
    answer = browser.post(URL, {"confirmation": typed})

    assert list(errors(answer)) == ["confirmation"]
    assert not AuditEvent.objects.filter(action="node.cleaned").exists()


def test_auditor_starts_nothing_anew(auditor: Client, removed: FakeAgent) -> None:
    assert "<form class" not in auditor.get(URL).text
    assert auditor.post(URL, {"confirmation": "node3"}).status_code == 403


@pytest.mark.parametrize("role", ["uninitialised", "worker", "leader"])
def test_machine_that_was_not_removed_has_no_clean_start(
    role: str, browser: Client, local_agent: FakeAgent
) -> None:
    become(local_agent, role)

    assert browser.post(URL, {"confirmation": "node3"}).headers["Location"] == "/"
