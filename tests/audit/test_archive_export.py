"""Exports of a trail that has archives."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from audit.actor import Actor
from audit.archive import making
from audit.archive.making import LINGER, purge
from audit.archived import directory
from audit.export.check import check_export
from audit.export.service import ExportFormat, export, export_everything
from audit.models import Archive, AuditEvent, AuditHead
from audit.search.question import Question
from tests.audit.archiving import an_hour_later, archive, old, sealing

__all__ = ["old", "sealing"]
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("old")
def test_export_behind_an_archive_names_the_event_before() -> None:
    made = archive()
    an_hour_later()

    taken = export(Question(), actor=Actor.system(), form=ExportFormat.JSON_LINES)

    first = json.loads(b"".join(taken.chunks).splitlines()[0])
    assert (first["id"], first["previous"]) == (11, made.last_hash)


@pytest.fixture
def several(old: None, monkeypatch: pytest.MonkeyPatch) -> list[Archive]:
    """Of four, four and two events, none of which is in the table any more."""
    monkeypatch.setattr(making, "LARGEST", 4)
    made = [archive() for _ in range(3)]
    with time_machine.travel(timezone.now() + 2 * LINGER):
        purge()
    return made


def sealed_everything(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    path = tmp_path / "everything.zip"
    path.write_bytes(b"".join(export_everything(actor=Actor.system()).chunks))
    with zipfile.ZipFile(path) as file:
        return path, json.loads(file.read("manifest.json"))


@pytest.mark.usefixtures("several")
def test_export_of_everything_has_what_archives_have(tmp_path: Path) -> None:
    """S59: one chain from the first event to the last, wherever they are kept."""
    last = AuditHead.objects.get().last_id

    path, manifest = sealed_everything(tmp_path)

    assert (manifest["first"]["id"], manifest["last"]["id"], manifest["count"]) == (1, last, last)
    assert "left_out" not in manifest
    checked = check_export(path)
    assert (checked.problem, checked.events, checked.signer) == ("", last, 1)
    details = AuditEvent.objects.latest("id").details
    assert (details["from"], details["to"]) == (1, last)


def test_export_of_everything_says_which_archives_are_lost(
    several: list[Archive], tmp_path: Path
) -> None:
    """What follows them is one chain still."""
    (directory() / several[1].name).write_bytes(b"changed")

    path, manifest = sealed_everything(tmp_path)

    assert (manifest["left_out"], manifest["first"]["id"]) == (8, 9)
    assert check_export(path).problem == ""


@pytest.mark.usefixtures("old")
def test_event_that_is_archived_and_in_the_table_is_exported_once(tmp_path: Path) -> None:
    archive()

    _, manifest = sealed_everything(tmp_path)

    assert manifest["count"] == manifest["last"]["id"]
