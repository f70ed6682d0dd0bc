"""How long events stay is decided by administrators, and recorded."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from audit import replica
from audit.actions import AuditAction
from audit.archived import directory
from audit.models import Archive, AuditEvent, Retention, WitnessStatement
from audit.tasks import archive_now
from tests.accounts.factories import api_client, browser, make_administrator
from tests.audit.factories import make_event

pytestmark = pytest.mark.django_db
PATH = "/api/v1/audit/retention/"
ARCHIVES = "/api/v1/audit/archives/"
PAGE = "/settings/audit/retention/"


@pytest.fixture
def client() -> APIClient:
    client = api_client(make_administrator("ann"))
    client.default_format = "json"
    return client


@pytest.fixture
def old(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two events of long ago, and one of today, with a limit of a year."""
    settings.AUDIT_CUSTODIAN = "tests.audit.sealing.Seal"
    monkeypatch.setattr(settings.FLOTILLA, "STATE_DIR", tmp_path)
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        make_event()
        make_event()
    make_event()
    Retention.objects.create(days=365)


def test_everything_stays_until_somebody_decides_otherwise(client: APIClient) -> None:
    answer = client.get(PATH).json()

    assert (answer["days"], answer["megabytes"]) == (None, None)


def test_change_is_kept_recorded_and_replicated(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(replica.changed, "listeners", [lambda: told.append("changed")])

    answer = client.put(PATH, {"days": 400, "megabytes": None})

    assert answer.status_code == 200
    assert client.get(PATH).json()["days"] == 400
    event = AuditEvent.objects.get(action=AuditAction.AUDIT_RETENTION_CHANGED)
    assert event.user == "ann"
    assert event.details == {
        "before": {"days": None, "megabytes": None},
        "after": {"days": 400, "megabytes": None},
    }
    assert told == ["changed"]


def test_same_again_is_no_change(client: APIClient) -> None:
    client.put(PATH, {"days": 400, "megabytes": None})
    client.put(PATH, {"days": 400, "megabytes": None})

    changes = AuditEvent.objects.filter(action=AuditAction.AUDIT_RETENTION_CHANGED)
    assert changes.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"days": 0, "megabytes": None}, "days"),
        ({"days": -1, "megabytes": None}, "days"),
        ({"days": 10**9, "megabytes": None}, "days"),
        ({"days": "soon", "megabytes": None}, "days"),
        ({"days": 1.5, "megabytes": None}, "days"),
        ({"days": None, "megabytes": 0}, "megabytes"),
        ({"days": None}, "megabytes"),
    ],
    ids=str,
)
def test_bad_limit_is_an_error_of_its_field(
    given: dict[str, Any], field: str, client: APIClient
) -> None:
    answer = client.put(PATH, given)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == field
    assert not Retention.objects.exists()


@pytest.mark.usefixtures("old")
def test_archive_now_is_recorded_and_done_behind_the_answer(
    client: APIClient,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("audit.archive.service.send", sent.append)
    monkeypatch.setattr("audit.tasks.send", sent.append)

    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(ARCHIVES).status_code == 202
    assert sent == ["audit.tasks.archive_now"]
    archive_now()

    event = AuditEvent.objects.get(action=AuditAction.AUDIT_ARCHIVING_REQUESTED)
    assert (event.user, event.details) == ("ann", {"from": 1, "to": 2})
    own = client.get(ARCHIVES).json()["own"]
    assert [(each["first_id"], each["last_id"]) for each in own] == [(1, 2)]
    assert (directory() / own[0]["name"]).exists()
    archive_now()
    assert Archive.objects.count() == 1


def test_nothing_to_archive_is_said(client: APIClient) -> None:
    answer = client.post(ARCHIVES)

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "nothing_to_archive"
    page = browser(make_administrator("bob")).post(f"{PAGE}archive/", follow=True)
    assert "No event has stayed long enough yet" in page.content.decode()


@pytest.mark.usefixtures("old")
def test_silent_agent_leaves_everything_where_it_is(settings: Any, client: APIClient) -> None:
    """An archive is always signed."""
    settings.AUDIT_CUSTODIAN = "nodes.custodian.NodeCustodian"

    archive_now()

    assert not Archive.objects.exists()
    assert list(directory().iterdir()) == []


@pytest.mark.usefixtures("old")
def test_page_decides_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.tasks.send", lambda name: None)
    client = browser(make_administrator("ann"))
    assert "There is none yet" in client.get(PAGE).content.decode()

    client.post(PAGE, {"days": "30", "megabytes": ""})
    archive_now()

    assert Retention.objects.get().days == 30
    text = client.get(PAGE).content.decode()
    assert "audit-000000000001-000000000002.zip" in text
    assert 'value="30"' in text


def test_verification_says_who_remembers(settings: Any) -> None:
    settings.AUDIT_WITNESSES = "tests.audit.sealing.ask_nobody"
    client = browser(make_administrator("ann"))
    text = client.get("/audit/verification/").content.decode()
    assert "Only this machine remembers how far the trail was" in text

    WitnessStatement.objects.create(
        witness=2, label="node2 (b.example.org)", heard_at=timezone.now(), count=1
    )
    text = client.get("/audit/verification/").content.decode()

    assert "node2 (b.example.org)" in text
    assert "Only this machine" not in text


def test_verification_lists_the_witnesses_for_programs(client: APIClient, settings: Any) -> None:
    settings.AUDIT_WITNESSES = "tests.audit.sealing.ask_nobody"
    WitnessStatement.objects.create(witness=2, label="node2", heard_at=timezone.now(), count=0)

    answer = client.get("/api/v1/audit/verification/").json()

    assert [(each["node"], each["count"]) for each in answer["witnesses"]] == [(2, 0)]
