"""Looking into an archive that was imported (S59)."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from rest_framework.test import APIClient

from audit.archive import browsing
from audit.models import AuditEvent, ImportedArchive
from tests.audit.factories import make_event, person
from tests.audit.importing import client, imported, run, sealing, taken, unsign
from tests.audit.sealing import Seal, repack

__all__ = ["client", "imported", "sealing", "taken"]
pytestmark = pytest.mark.django_db


def ids(client: APIClient, archive: ImportedArchive, **query: Any) -> list[int]:
    answer = client.get(f"/api/v1/audit/archives/{archive.pk}/events/", query)
    assert answer.status_code == 200, answer.json()
    return [event["id"] for event in answer.json()["results"]]


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(CommandError, match="cannot be read"):
        run(path)
    path.write_bytes(b"PK\x03\x04 and nothing")

    with pytest.raises(CommandError, match="archive_invalid"):
        run(path)


def test_file_of_another_cluster_needs_its_key(taken: Path) -> None:
    repack(taken, Seal.sign_as_stranger)
    with pytest.raises(CommandError, match="archive_invalid"):
        run(taken)

    assert run(taken, "--key", "stranger")["events"] == 6


def test_unsigned_file_is_imported_only_when_that_is_said(taken: Path) -> None:
    repack(taken, unsign)

    assert run(taken, "--unsigned")["signed_by"] is None


def test_only_root_imports(taken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(CommandError, match="needs root"):
        call_command("import_audit", str(taken))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [6, 5, 4, 3, 2, 1]),
        ({"user": "bob"}, [6, 3]),
        ({"user": ["ann", "bob"], "outcome": "denied"}, [6]),
        ({"action": "node.changed", "user": "ann"}, [5, 4, 2, 1]),
        ({"action": "node.joined"}, []),
        ({"target": "node:3"}, [6, 5, 4, 3, 2, 1]),
        ({"target": "node:4"}, []),
        ({"source": "192.0.2.7", "user": "bob"}, [6, 3]),
        ({"q": "STRASSE 4"}, [4]),
        ({"q": "100 %"}, [6, 5, 4, 3, 2, 1]),
        ({"q": "100%"}, []),
        ({"q": "_"}, []),
        ({"since": "2999-01-01"}, []),
        ({"until": "2999-01-01", "user": "bob"}, [6, 3]),
    ],
    ids=str,
)
def test_archive_answers_the_filters_of_the_trail(
    query: dict[str, Any], found: list[int], client: APIClient, imported: ImportedArchive
) -> None:
    assert ids(client, imported, **query) == found


def test_archive_is_never_mixed_with_the_trail(
    client: APIClient, imported: ImportedArchive
) -> None:
    own = client.get("/api/v1/audit/events/").json()["results"]
    make_event(actor=person("carl"))

    assert len(own) == AuditEvent.objects.count() - 1
    assert ids(client, imported, user="carl") == []


def test_archive_comes_in_pages(client: APIClient, imported: ImportedArchive) -> None:
    place = f"/api/v1/audit/archives/{imported.pk}/events/"
    first = client.get(place, {"page_size": 4}).json()
    assert [event["id"] for event in first["results"]] == [6, 5, 4, 3]

    rest = client.get(first["next"]).json()

    assert [event["id"] for event in rest["results"]] == [2, 1]
    assert rest["next"] is None


def test_search_says_how_far_back_it_has_looked(
    client: APIClient, imported: ImportedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "FIRST_WINDOW", 2)
    ticks = iter([0.0, 0.0, 9.0, 9.0])
    monkeypatch.setattr("audit.archive.browsing.time.monotonic", lambda: next(ticks))

    answer = client.get(f"/api/v1/audit/archives/{imported.pk}/events/", {"q": "nowhere"}).json()

    assert answer["results"] == []
    assert answer["searched_back_to"] is not None
    assert answer["next"] is not None
