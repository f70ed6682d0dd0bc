"""Restoration in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cluster.models import Operation
from cluster.views import restore as restore_view
from tests.accounts.factories import log_in_directly, make_administrator
from tests.cluster.backups import PASSWORD, Elsewhere, elsewhere, jobs
from tests.cluster.views.backup_pages import text
from tests.cluster.views.conftest import become
from tests.fakes import FakeAgent

__all__ = ["elsewhere", "jobs"]
pytestmark = pytest.mark.django_db


def test_new_machine_offers_to_restore(browser: Client, local_agent: FakeAgent) -> None:
    """S9."""
    assert 'href="/restore/"' in text(browser.get("/welcome/"))
    assert "its nodes go on without this one" in text(browser.get("/restore/"))


@pytest.mark.parametrize("role", ["leader", "worker"])
def test_member_restores_nothing(browser: Client, local_agent: FakeAgent, role: str) -> None:
    become(local_agent, role)

    assert browser.get("/restore/").headers["Location"] == "/"


@pytest.fixture
def machine(elsewhere: Callable[[], Elsewhere]) -> Elsewhere:
    return elsewhere()


@pytest.fixture
def fresh(machine: Elsewhere) -> Client:
    """A browser at the fresh machine."""
    client = Client()
    log_in_directly(client, make_administrator("first-start"))
    return client


def upload(client: Client, content: bytes, **values: str) -> Any:
    given = {"password": PASSWORD, "endpoint": "fresh.example.org:55820", **values}
    return client.post("/restore/", given | {"file": SimpleUploadedFile("fleet.age", content)})


def test_backup_is_restored_in_the_browser(fresh: Client, machine: Elsewhere) -> None:
    answer = upload(fresh, machine.file.read_bytes())

    assert "The file was read: the cluster “Fleet”" in text(answer)
    assert Operation.objects.get(kind="restore").parameters["made_on"] == "node1.example.org"


def test_wrong_password_is_told_beside_its_field(fresh: Client, machine: Elsewhere) -> None:
    answer = upload(fresh, machine.file.read_bytes(), password="another password")

    assert "This is not the password of the backup." in text(answer)
    assert not Operation.objects.exists()


def test_foreign_file_is_told(fresh: Client, machine: Elsewhere) -> None:
    assert "This is not a backup of a Flotilla cluster" in text(upload(fresh, b"holiday"))


def test_empty_file_is_told(fresh: Client, machine: Elsewhere) -> None:
    assert "empty" in text(upload(fresh, b""))


def test_uploaded_file_is_gone_afterwards(
    fresh: Client, machine: Elsewhere, settings: Any, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()

    upload(fresh, machine.file.read_bytes()).close()

    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []


def test_endless_upload_is_cut_off(
    fresh: Client, machine: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command takes what a browser may not send: with the audit trail, backups are large."""
    monkeypatch.setattr(restore_view, "LARGEST", 1)

    answer = upload(fresh, b"x" * 3 * 1024 * 1024)

    assert "A browser may send at most 1 MB." in text(answer)


def test_restoration_needs_the_form_of_this_site(machine: Elsewhere) -> None:
    client = Client(enforce_csrf_checks=True)
    log_in_directly(client, make_administrator("first-start"))

    assert upload(client, machine.file.read_bytes()).status_code == 403
