"""Old events move into sealed files, and the trail stays one chain."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
import zstandard
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.archive import making
from audit.archive.check import find_damaged_event
from audit.archive.making import archive_next, purge
from audit.archived import directory
from audit.errors import ArchiveFailed
from audit.export.check import check_export
from audit.models import Archive, AuditEvent, AuditHead
from audit.rounds import verify_everything
from audit.search.count import count
from audit.search.find import find
from audit.search.question import Question
from tests.audit.append_only import without_triggers
from tests.audit.archiving import an_hour_later, archive, old, sealing
from tests.audit.factories import make_event
from tests.audit.sealing import repack

__all__ = ["old", "sealing"]
pytestmark = pytest.mark.django_db


def shown() -> list[int]:
    return [event.pk for event in find(Question(), limit=50).events]


@pytest.mark.usefixtures("old")
def test_what_is_old_moves_into_a_sealed_file() -> None:
    hashes = list(AuditEvent.objects.order_by("id").values_list("hash", flat=True))

    made = archive()

    path = directory() / made.name
    checked = check_export(path)
    assert (checked.events, checked.problem, checked.signer) == (10, "", 1)
    assert (made.first_id, made.last_id, made.last_hash) == (1, 10, hashes[9])
    assert path.stat().st_mode & 0o777 == 0o600
    manifest = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    assert manifest["format"] == "flotilla-audit-archive"
    assert manifest["previous"] == {"id": 0, "hash": "0" * 64}


@pytest.mark.usefixtures("old")
def test_archived_events_are_not_shown_and_leave_the_table_an_hour_later() -> None:
    archive()
    assert shown() == [14, 13, 12, 11]
    assert count(Question()).number == 4
    purge()
    assert AuditEvent.objects.count() == 14

    an_hour_later()

    assert AuditEvent.objects.order_by("id").values_list("id", flat=True)[0] == 11
    assert shown() == [14, 13, 12, 11]


@pytest.mark.usefixtures("old")
def test_archiving_is_recorded() -> None:
    made = archive()

    event = AuditEvent.objects.get(action=AuditAction.AUDIT_ARCHIVED)
    assert (event.user, event.target_label) == ("system", made.name)
    assert event.details == {"from": 1, "to": 10, "sha256": made.sha256}


@pytest.mark.usefixtures("old")
def test_next_archive_goes_on_where_the_last_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LARGEST", 4)

    made = [archive(), archive(), archive()]

    assert [(each.first_id, each.last_id) for each in made] == [(1, 4), (5, 8), (9, 10)]
    assert [each.previous_hash for each in made[1:]] == [each.last_hash for each in made[:-1]]
    assert archive_next(actor=Actor.system()) is None


@pytest.mark.usefixtures("old")
def test_archives_and_table_are_verified_as_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LARGEST", 4)
    archive()
    archive()
    an_hour_later()
    make_event()

    report = verify_everything(damage=find_damaged_event)

    assert report.is_intact
    assert report.checked == AuditHead.objects.get().last_id


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        (lambda events: events.filter(id=12).update(user="eve"), 12),
        (lambda events: events.filter(id=11).delete(), 11),
        (lambda events: events.filter(id=14).delete(), 14),
    ],
    ids=["changed", "first deleted", "last deleted"],
)
def test_first_bad_event_behind_an_archive_is_named(
    change: Callable[[Any], object], first_bad: int
) -> None:
    archive()
    an_hour_later()
    with without_triggers():
        change(AuditEvent.objects)

    report = verify_everything()

    assert report.first_bad is not None
    assert report.first_bad.id == first_bad


def flip(path: Path) -> None:
    """One name in the sixth event of the file."""
    repack(path, _flip)


def _flip(content: dict[str, bytes]) -> None:
    packed = content["events.jsonl.zst"]
    lines = zstandard.ZstdDecompressor().stream_reader(packed).read().splitlines(keepends=True)
    lines[5] = lines[5].replace(b'"ann"', b'"eve"')
    content["events.jsonl.zst"] = zstandard.ZstdCompressor().compress(b"".join(lines))


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("damage", "first_bad", "reason"),
    [
        (flip, 6, "is not as it was archived"),
        (lambda path: path.unlink(), 1, "missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:300]), 1, "is not as it was archived"),
    ],
    ids=["a letter", "missing", "cut"],
)
def test_damaged_archive_is_named_with_its_first_bad_event(
    damage: Callable[[Path], object], first_bad: int, reason: str
) -> None:
    made = archive()
    damage(directory() / made.name)

    found = find_damaged_event()

    assert found is not None
    assert found.id == first_bad
    assert reason in found.reason
    report = verify_everything()
    assert report.first_bad is not None
    assert report.first_bad.id == 1
    with pytest.raises(CommandError, match=f"Event {first_bad} is "):
        call_command("verify_audit")


@pytest.mark.usefixtures("old")
def test_damaged_trail_is_not_archived() -> None:
    with without_triggers():
        AuditEvent.objects.filter(id=4).update(user="eve")

    with pytest.raises(ArchiveFailed, match="Line 4"):
        archive_next(actor=Actor.system())

    assert not Archive.objects.exists()
    assert list(directory().iterdir()) == []


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("place", ["_seal", "_read_back", "_sync", "_take_in", "record"])
def test_crash_at_any_point_loses_no_event_and_shows_none_twice(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(Exception):
        pass

    def crash(*_: Any, **__: Any) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(making, place, crash)
        with pytest.raises(Crash), transaction.atomic():
            archive_next(actor=Actor.system())
    assert shown() == list(range(13, 0, -1))

    made = archive()

    assert check_export(directory() / made.name).events == 10
    assert shown() == [14, 13, 12, 11]
    an_hour_later()
    assert verify_everything(damage=find_damaged_event).is_intact


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("harm", [Path.unlink, spoil], ids=["missing", "changed"])
def test_events_whose_archive_is_not_as_it_was_made_stay_in_the_table(
    harm: Callable[[Path], object],
) -> None:
    harm(directory() / archive().name)

    an_hour_later()

    assert AuditEvent.objects.order_by("id").values_list("id", flat=True)[0] == 1


@pytest.mark.usefixtures("old")
def test_two_at_once_write_one_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when somebody asks twice: the second would truncate what the first has written."""
    seal, others = making._seal, list[Archive | None]()

    def seal_while_another_tries(*given: Any) -> None:
        others.append(archive_next(actor=Actor.system()))
        seal(*given)

    monkeypatch.setattr(making, "_seal", seal_while_another_tries)

    made = archive()

    assert others == [None]
    assert check_export(directory() / made.name).events == 10


@pytest.mark.usefixtures("old")
def test_archive_of_a_clock_that_was_ahead_holds_up_none() -> None:
    with time_machine.travel(timezone.now() + timedelta(days=300)):
        archive()

    assert making.is_due()
