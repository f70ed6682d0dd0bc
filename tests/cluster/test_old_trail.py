"""A planned promotion takes a sealed export of the audit trail along (S59)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.archive import travelling
from audit.archive.importing import import_archive
from audit.archived import directory
from audit.export.service import export_everything
from audit.models import AuditEvent, ImportedArchive, ImportedEvent
from cluster import old_trail
from cluster.tasks import fetch_trail
from tests.audit.factories import make_event
from tests.cluster.old_trails import Json, OldLeader, expected_follow_up, old, promoted
from tests.cluster.pairs import UUID, Pair

__all__ = ["old", "promoted"]
pytestmark = pytest.mark.django_db


def open_there(tmp_path: Path) -> ImportedArchive:
    """An export that was looked into on the node that leads still."""
    path = tmp_path / "older.zip"
    path.write_bytes(b"".join(export_everything(actor=Actor.root()).chunks))
    return import_archive(path, actor=Actor.root())[0]


def forget_imported() -> None:
    """The new leader's database is another one."""
    ImportedEvent.objects.all().delete()
    ImportedArchive.objects.all().delete()


def test_export_is_fetched_in_pieces_and_imported(
    promoted: Any, old: OldLeader, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_trail, "PIECE", 300)
    monkeypatch.setattr(old_trail, "PIECES", 3)
    operation = promoted(audit_export=True)
    settings.TRANSPORT = old

    for _ in range(30):
        fetch_trail()

    archive = ImportedArchive.objects.get()
    assert archive.signer == 1
    assert archive.name.startswith("node1 (node1.example.org) until ")
    assert ImportedEvent.objects.filter(action=AuditAction.NODE_CHANGED).count() == 5
    assert expected_follow_up().settled_by == "system"
    assert list(directory().iterdir()) == []
    assert old.offsets[:4] == [0, 0, 300, 600]
    operation.refresh_from_db()
    assert operation.data[old_trail.ENDED] == ""


def test_archives_opened_on_the_old_leader_come_along(
    promoted: Any, old: OldLeader, settings: Any, tmp_path: Path
) -> None:
    make_event()
    opened = open_there(tmp_path)
    promoted(audit_export=True)
    settings.TRANSPORT = old
    fetch_trail()
    forget_imported()

    fetch_trail()

    came = ImportedArchive.objects.get(digest=opened.digest)
    assert (came.name, came.signer, came.manifest) == ("older.zip", 1, opened.manifest)
    assert came.events.count() == opened.count > 0
    assert ImportedArchive.objects.count() == 2
    assert expected_follow_up().settled_by == "system"
    assert list(directory().iterdir()) == []


def test_follow_up_says_how_many_archives_have_come(
    promoted: Any,
    old: OldLeader,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    open_there(tmp_path)
    promoted(audit_export=True)
    settings.TRANSPORT, said = old, list[str]()

    def look(_: object) -> bool:
        said.append(expected_follow_up().detail)
        return True

    monkeypatch.setattr(travelling, "_is_here", look)

    fetch_trail()
    fetch_trail()

    assert said == ["It is here itself; of 1 archives that were opened there, 0 are here."]


def test_archive_that_could_not_be_read_is_said_where_people_look(
    promoted: Any,
    old: OldLeader,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    open_there(tmp_path)
    promoted(audit_export=True)
    settings.TRANSPORT = old
    monkeypatch.setattr(travelling, "enclose", lambda path: None)
    fetch_trail()
    forget_imported()

    fetch_trail()

    assert "opened there, 1 could not be read here" in expected_follow_up().detail
    assert expected_follow_up().settled_at is None
    assert ImportedArchive.objects.count() == 1


def test_export_is_recorded_on_the_old_leader_by_name(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT = old

    fetch_trail()
    fetch_trail()

    event = AuditEvent.objects.get(action=AuditAction.AUDIT_EXPORTED)
    assert (event.user, event.details["format"]) == ("alice", "sealed")


def test_without_the_promise_nothing_is_given(
    promoted: Any, old: OldLeader, pair: Pair, settings: Any
) -> None:
    operation = promoted()
    settings.TRANSPORT = old
    body = {"operation": str(operation.pk), "offset": 0}

    answer = old.post("", body, token="")
    fetch_trail()

    assert (answer.status, answer.body["code"]) == (404, "audit_export_not_promised")
    assert not ImportedArchive.objects.exists()
    assert expected_follow_up().settled_at is None


def test_only_the_leader_is_given_it(promoted: Any, pair: Pair) -> None:
    operation = promoted(audit_export=True)
    pair.become(1)
    body = {"operation": str(operation.pk), "offset": 0}

    answer = pair.call("audit_export", body, by=1, audience=f"{UUID}/1")

    assert answer.status_code == 401


def test_old_leader_that_is_away_is_asked_again_for_a_day(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.reachable = old, False
    fetch_trail()
    assert expected_follow_up().settled_at is None
    assert old_trail.find_expected() is not None

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert old_trail.find_expected() is None
    old.reachable = True
    fetch_trail()
    fetch_trail()

    assert ImportedArchive.objects.count() == 1


def spoil(body: Json) -> Json:
    """Another letter in the middle of the piece."""
    piece = body.get("piece") or ""
    middle = len(piece) // 2
    other = "A" if piece[middle : middle + 1] != "A" else "B"
    return {**body, "piece": piece and piece[:middle] + other + piece[middle + 1 :]}


def test_damaged_export_is_no_archive_and_the_follow_up_says_so(
    promoted: Any, old: OldLeader, settings: Any
) -> None:
    promoted(audit_export=True)
    settings.TRANSPORT, old.change = old, spoil

    fetch_trail()
    fetch_trail()

    assert not ImportedArchive.objects.exists()
    assert "could not be taken along" in expected_follow_up().detail
    assert expected_follow_up().settled_at is None
    assert old_trail.find_expected() is None


def test_archive_that_could_not_travel_is_left_to_somebody(
    promoted: Any, old: OldLeader, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.export.service.archives_before", lambda event_id: ([], 40))
    promoted(audit_export=True)
    settings.TRANSPORT = old

    fetch_trail()
    fetch_trail()

    assert ImportedArchive.objects.count() == 1
    assert "archives up to event 40 are missing or damaged" in expected_follow_up().detail
    assert expected_follow_up().settled_at is None
