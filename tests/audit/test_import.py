"""Looking into a trail that is not this one any more (S59)."""

import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from rest_framework.test import APIClient

from audit.actions import AuditAction
from audit.archive import importing
from audit.canonical import canonical_json
from audit.chain import HASHED, link
from audit.models import AuditEvent, ImportedArchive, ImportedEvent
from tests.accounts.factories import browser, make_administrator
from tests.audit.importing import client, imported, run, sealing, taken, unsign
from tests.audit.sealing import repack

__all__ = ["client", "imported", "sealing", "taken"]
pytestmark = pytest.mark.django_db


def test_sealed_export_is_imported_and_says_who_signed(taken: Path) -> None:
    answer = run(taken)

    assert (answer["new"], answer["events"], answer["signed_by"]) == (True, 6, 1)
    event = AuditEvent.objects.get(action=AuditAction.AUDIT_IMPORTED)
    assert (event.user_kind, event.target_label) == ("root", "old.zip")


def test_importing_again_adds_nothing(taken: Path) -> None:
    first, again = run(taken), run(taken)

    assert (again["archive"], again["new"]) == (first["archive"], False)
    assert ImportedEvent.objects.count() == 6
    out = io.StringIO()
    call_command("import_audit", str(taken), stdout=out)
    assert "has these 6 events already" in out.getvalue()


def damage(content: dict[str, bytes]) -> None:
    lines = content["events.jsonl"].splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"ann"', b'"eve"')
    content["events.jsonl"] = b"".join(lines)


def shorten(content: dict[str, bytes]) -> None:
    content["events.jsonl"] = b"".join(content["events.jsonl"].splitlines(keepends=True)[:-1])


def drop_one(content: dict[str, bytes]) -> None:
    lines = content["events.jsonl"].splitlines(keepends=True)
    content["events.jsonl"] = b"".join(lines[:2] + lines[3:])


def forge(content: dict[str, bytes]) -> None:
    manifest = json.loads(content["manifest.json"])
    content["manifest.json"] = json.dumps(manifest | {"exported_by": "eve"}).encode()


def lose_manifest(content: dict[str, bytes]) -> None:
    del content["manifest.json"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (damage, "Line 4 is not as it was exported"),
        (drop_one, "The manifest names another count"),
        (shorten, "The manifest names another count"),
        (forge, "signature is not by a node that this cluster knows"),
        (unsign, "archive_unsigned"),
        (lose_manifest, "no sealed export"),
    ],
    ids=["a letter", "one missing", "cut", "manifest", "unsigned", "no manifest"],
)
def test_what_does_not_fit_is_named_and_changes_nothing(
    change: Callable[[dict[str, bytes]], None], says: str, taken: Path
) -> None:
    repack(taken, change)
    before = AuditEvent.objects.count()

    with pytest.raises(CommandError, match=says):
        run(taken)

    assert not ImportedArchive.objects.exists()
    assert not ImportedEvent.objects.exists()
    assert AuditEvent.objects.count() == before


def reseal(content: dict[str, bytes], **row: Any) -> None:
    """With an event that fits its own digests, and names these values."""
    changed = json.loads(content["events.jsonl"].splitlines()[0]) | row
    values = [changed[name] for name in HASHED[changed["version"]]]
    changed["hash"] = link(values, version=changed["version"], previous=changed["previous"])
    line = canonical_json(changed).encode() + b"\n"
    end = {"id": changed["id"], "hash": changed["hash"]}
    about = {"count": 1, "first": end, "last": end, "sha256": sha256(line).hexdigest()}
    manifest = json.loads(content["manifest.json"]) | about | {"signature": ""}
    content["events.jsonl"], content["manifest.json"] = line, json.dumps(manifest).encode()


@pytest.mark.parametrize(
    "row",
    [
        {"id": "one"},
        {"id": 10**30},
        {"id": 0},
        {"user": "a\0b"},
        {"user": "a" * 151},
        {"user": 5},
        {"time": "0001-01-01T00:00:00+14:00"},
        {"time": "2026-11-22T10:00:00"},
        {"operation": "some"},
    ],
    ids=lambda row: "".join(
        f"{name}: {value}"[:30].replace("\0", "NUL") for name, value in row.items()
    ),
)
def test_event_that_no_database_takes_is_refused(taken: Path, row: dict[str, Any]) -> None:
    """Whoever signs can write down what they like."""
    repack(taken, lambda content: reseal(content, **row))

    with pytest.raises(CommandError, match=r"\(archive_invalid\)"):
        run(taken, "--unsigned")

    assert not ImportedArchive.objects.exists()


def test_resealed_event_is_otherwise_imported(taken: Path) -> None:
    repack(taken, lambda content: reseal(content, user="eve"))

    assert run(taken, "--unsigned")["events"] == 1


def encrypt_member(path: Path) -> None:
    """By its flag alone, in the directory."""
    raw = bytearray(path.read_bytes())
    place = raw.index(b"PK\x01\x02")
    raw[place + 8] |= 1
    path.write_bytes(raw)


def pack_otherwise(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        for name, each in content.items():
            file.writestr(name, each)


@pytest.mark.parametrize("change", [encrypt_member, pack_otherwise])
def test_file_that_is_packed_in_another_way_is_refused(
    taken: Path, change: Callable[[Path], None]
) -> None:
    change(taken)

    with pytest.raises(CommandError, match="packed in another way"):
        run(taken)


DIRECTORY = b"PK\x01\x02"
"""Begins the directory's entry of a member."""


@pytest.mark.parametrize(
    ("place", "byte"),
    [(8, 0x20), (8, 0x40), (6, 0xFF), (45, 0x7F), (9, 0x08)],
    ids=["patched", "strongly encrypted", "version", "offset", "name"],
)
def test_file_with_a_damaged_directory_is_refused(taken: Path, place: int, byte: int) -> None:
    raw = bytearray(taken.read_bytes())
    entry = raw.index(DIRECTORY)
    raw[entry + place] = byte
    raw[entry + 46] = 0xFF if place == 9 else raw[entry + 46]
    taken.write_bytes(raw)

    with pytest.raises(CommandError, match="no sealed export"):
        run(taken)


@pytest.mark.parametrize("text", ["\0", "\ud800"], ids=["nul", "half"])
def test_manifest_that_no_database_takes_is_refused(taken: Path, text: str) -> None:
    def change(content: dict[str, bytes]) -> None:
        manifest = json.loads(content["manifest.json"]) | {"exported_by": text, "signature": ""}
        content["manifest.json"] = json.dumps(manifest).encode()

    repack(taken, change)

    with pytest.raises(CommandError, match="no database can hold"):
        run(taken, "--unsigned")


@pytest.mark.django_db(transaction=True)
def test_others_write_while_a_large_file_is_imported(
    taken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million events take minutes, and SQLite has one writer."""
    monkeypatch.setattr(importing, "BATCH", 2)
    create, inside = ImportedEvent.objects.bulk_create, list[bool]()

    def note_and_create(batch: Any) -> None:
        inside.append(connection.in_atomic_block)
        create(batch)

    monkeypatch.setattr(ImportedEvent.objects, "bulk_create", note_and_create)

    run(taken)

    assert inside == [False, False, False]


def test_import_that_a_crash_has_ended_is_not_shown_and_done_again(
    taken: Path, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "_forget", lambda archive: None)
        patch.setattr(importing, "check_manifest", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(taken)
    left = ImportedArchive.objects.get()
    assert client.get("/api/v1/audit/archives/").json()["imported"] == []
    assert client.get(f"/api/v1/audit/archives/{left.pk}/events/").status_code == 404

    answer = run(taken)

    assert (answer["new"], answer["events"]) == (True, 6)
    assert ImportedEvent.objects.count() == 6


def test_unknown_archive_is_not_found(client: APIClient) -> None:
    assert client.get("/api/v1/audit/archives/99/events/").status_code == 404
    assert browser(make_administrator("ann")).get("/audit/archives/99/").status_code == 404


def test_page_shows_the_archive_as_one(imported: ImportedArchive) -> None:
    client = browser(make_administrator("ann"))

    text = client.get(f"/audit/archives/{imported.pk}/").content.decode()

    assert "Imported audit trail" in text
    assert "signed by node1" in text
    assert text.count('id="event-') == 6
    assert "6 events" in text
    assert (
        f"/audit/archives/{imported.pk}/"
        in client.get("/settings/audit/retention/").content.decode()
    )
    assert canonical_json(imported.manifest)
