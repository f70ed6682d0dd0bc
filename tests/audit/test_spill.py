"""The trail cannot be written: changes are refused, and the way in is not."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit import spill
from audit.actions import AuditAction
from audit.models import AuditEvent
from audit.spill import take_in
from audit.tasks import index_events
from audit.verification import verify
from tests.accounts.factories import (
    NEW_PASSWORD,
    api_client,
    browser,
    codes_of,
    login,
    make_administrator,
)
from tests.audit.append_only import TABLE
from tests.audit.factories import make_event

pytestmark = pytest.mark.django_db
LOCK = {
    "sqlite": (
        f"CREATE TRIGGER unwritable BEFORE INSERT ON {TABLE}"
        " BEGIN SELECT RAISE(ABORT, 'full'); END",
        "DROP TRIGGER unwritable",
    ),
    "postgresql": (
        f"CREATE TRIGGER unwritable BEFORE INSERT ON {TABLE} EXECUTE FUNCTION audit_refuse()",
        f"DROP TRIGGER unwritable ON {TABLE}",
    ),
}


@contextmanager
def unwritable() -> Iterator[None]:
    """The database refuses every new event."""
    lock, unlock = LOCK[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(lock)
    yield
    with connection.cursor() as cursor:
        cursor.execute(unlock)


def impassive() -> APIClient:
    """It takes an error of the server for what it is, an answer."""
    client = APIClient()
    client.raise_request_exception = False
    return client


@pytest.fixture(autouse=True)
def spill_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "spill.jsonl"
    monkeypatch.setattr(spill, "path", lambda: path)
    return path


def test_change_is_refused_and_not_made() -> None:
    client = api_client(make_administrator("ann"))
    client.raise_request_exception = False

    with unwritable():
        answer = client.post("/api/v1/administrators/", {"username": "bob"}, format="json")

    assert (answer.status_code, codes_of(answer)) == (503, ["audit_unavailable"])
    assert not Administrator.objects.filter(username="bob").exists()
    assert not spill.path().exists()


def test_people_log_in_to_look() -> None:
    with unwritable():
        answer = browser(make_administrator("ann")).get("/audit/")

    assert answer.status_code == 200
    assert AuditEvent.objects.count() == 0


def test_wrong_password_is_refused_as_ever() -> None:
    make_administrator("ann")

    with unwritable():
        answer = login(username="ann", password="wrong")

    assert answer.status_code == 401


def test_root_resets_a_password() -> None:
    make_administrator("ann")
    data = json.dumps({"user": "ann", "set": {"password": NEW_PASSWORD, "2fa": False}})

    with unwritable():
        call_command("alter_user", "--data", data, stdout=io.StringIO(), stderr=io.StringIO())

    assert Administrator.objects.get(username="ann").check_password(NEW_PASSWORD)


def test_what_waited_is_taken_in_once(spill_file: Path) -> None:
    make_event()
    with unwritable():
        browser(make_administrator("ann"))
    assert spill_file.stat().st_mode & 0o777 == 0o600

    index_events()
    index_events()

    event = AuditEvent.objects.get(action=AuditAction.LOGIN_SUCCEEDED)
    assert (event.id, event.user, event.verified) == (2, "ann", "password")
    assert event.details["written_aside_at"] < event.time.isoformat()
    assert (spill_file.read_bytes(), verify().is_intact) == (b"", True)


def test_line_that_is_not_whole_is_left_behind(spill_file: Path) -> None:
    """The machine lost its power while it was written; nobody was told that it is."""
    with unwritable():
        browser(make_administrator("ann"))
    spill_file.write_bytes(spill_file.read_bytes() + b'{"action"')

    assert take_in() == 1
    assert take_in() == 0


def test_nobody_fills_the_disk_by_trying_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "LARGEST", 0)
    make_administrator("ann")

    with unwritable():
        login(impassive(), username="ann", password="wrong")
        answer = login(impassive(), username="bob", password="wrong")

    assert (answer.status_code, codes_of(answer)) == (503, ["audit_unavailable"])


def test_unwritable_file_refuses_too(spill_file: Path) -> None:
    spill_file.mkdir()
    make_administrator("ann")

    with unwritable():
        answer = login(impassive(), username="ann")

    assert (answer.status_code, codes_of(answer)) == (503, ["audit_unavailable"])
