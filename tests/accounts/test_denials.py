"""What the access rule refuses is in the trail: once a minute, with a count."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import RefusedAccess
from accounts.tasks import tidy_up
from audit.models import AuditEvent
from tests.accounts.factories import (
    api_client,
    log_in_directly,
    make_administrator,
    make_auditor,
    named_client,
)

pytestmark = pytest.mark.django_db
NEW = "/api/v1/administrators/"


def denials() -> list[dict[str, Any]]:
    """The details of each event, the first one first."""
    events = AuditEvent.objects.filter(action="auth.access.denied").order_by("pk")
    return list(events.values_list("details", flat=True))


def later() -> None:
    """A minute passes."""
    RefusedAccess.objects.update(since=timezone.now() - timedelta(minutes=1))


def test_auditors_change_is_told_with_what_it_was() -> None:
    api_client(make_auditor()).post(f"{NEW}?secret=1", {"username": "eve"})

    assert denials() == [{"code": "read_only_access", "method": "POST", "path": NEW, "attempts": 1}]


def test_auditors_form_is_told_too() -> None:
    client = Client()
    log_in_directly(client, make_auditor())

    client.post("/settings/create-administrator/", {"username": "eve"})

    assert [denial["path"] for denial in denials()] == ["/settings/create-administrator/"]


def test_right_credentials_from_a_wrong_network_are_told() -> None:
    """S48: somebody has them who should not."""
    ann = make_administrator("ann", allowed_networks=["192.0.2.0/24"])

    named_client(ann).get("/api/v1/account/")

    assert [denial["code"] for denial in denials()] == ["network_not_allowed"]


def test_refusals_of_a_minute_are_counted() -> None:
    client = api_client(make_auditor())
    for _ in range(5):
        client.post(NEW)
    later()
    client.post(NEW)

    assert [denial["attempts"] for denial in denials()] == [1, 5]


def test_count_that_nothing_follows_is_told_by_housekeeping() -> None:
    client = api_client(make_auditor())
    for _ in range(3):
        client.post(NEW)
    later()
    tidy_up()

    assert [denial["attempts"] for denial in denials()] == [1, 2]
    assert not RefusedAccess.objects.exists()


def test_question_for_a_fresh_proof_is_no_refusal() -> None:
    client = Client()
    client.force_login(make_administrator("ann"))

    client.post("/settings/create-administrator/", {"username": "eve"})

    assert denials() == []


def test_refusal_stands_while_the_trail_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = api_client(make_auditor())
    monkeypatch.setattr("audit.append.READ", "SELECT nothing FROM nowhere")

    assert client.post(NEW).status_code == 403
