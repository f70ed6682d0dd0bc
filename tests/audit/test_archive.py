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
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor
from audit.archive import making
from audit.archive.check import find_damaged_event
from audit.archive.making import LINGER, archive_next, purge
from audit.archive.retention import last_due
from audit.archived import directory
from audit.errors import ArchiveFailed
from audit.export.check import check_export
from audit.export.service import ExportFormat, export, export_everything
from audit.models import Archive, AuditEvent, AuditHead, Forwarding, ForwardingPlace, Retention
from audit.rounds import verify_everything
from audit.search.count import count
from audit.search.find import find
from audit.search.question import Question
from audit.tasks import archive_events
from config.settings import CELERY_BEAT_SCHEDULE
from tests.audit.append_only import without_triggers
from tests.audit.factories import make_event
from tests.audit.sealing import repack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sealing(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AUDIT_CUSTODIAN = "tests.audit.sealing.Seal"
    monkeypatch.setattr(settings.FLOTILLA, "STATE_DIR", tmp_path)


@pytest.fixture
def old() -> None:
    """Ten events of long ago, and three of today; what is older than a year moves."""
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        for number in range(1, 11):
            make_event(details={"number": number})
    for number in range(11, 14):
        make_event(details={"number": number})
    Retention.objects.create(days=365)


def archive() -> Archive:
    made = archive_next(actor=Actor.system())
    assert made is not None
    return made


def an_hour_later() -> None:
    with time_machine.travel(timezone.now() + LINGER + timedelta(minutes=1)):
        purge()


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


def refused(statement: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        statement()


@pytest.mark.usefixtures("old")
def test_database_lets_only_archived_events_go() -> None:
    archive()

    refused(lambda: AuditEvent.objects.filter(id=11)._raw_delete("default"))
    refused(lambda: AuditEvent.objects.filter(id=3).update(user="eve"))
    AuditEvent.objects.filter(id=3)._raw_delete("default")


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    "values",
    [
        {"first_id": 2},
        {"last_id": 0},
        {"last_id": 99},
        {"last_hash": "ab" * 32},
        {"previous_hash": "ab" * 32},
    ],
    ids=str,
)
def test_database_takes_no_archive_that_does_not_fit(values: dict[str, Any]) -> None:
    last = AuditEvent.objects.get(id=5)
    given = {
        "first_id": 1,
        "last_id": 5,
        "first_time": last.time,
        "last_time": last.time,
        "previous_hash": "0" * 64,
        "last_hash": last.hash,
        "name": "x",
        "sha256": "",
        "bytes": 1,
        "made_at": timezone.now(),
    }

    refused(lambda: Archive.objects.create(**given | values))
    Archive.objects.create(**given)


@pytest.mark.usefixtures("old")
def test_database_never_changes_an_archive() -> None:
    archive()

    refused(lambda: Archive.objects.update(last_id=13))
    refused(lambda: Archive.objects.all()._raw_delete("default"))


@pytest.mark.usefixtures("old")
def test_export_behind_an_archive_names_the_event_before() -> None:
    made = archive()
    an_hour_later()

    taken = export(Question(), actor=Actor.system(), form=ExportFormat.JSON_LINES)

    first = json.loads(b"".join(taken.chunks).splitlines()[0])
    assert (first["id"], first["previous"]) == (11, made.last_hash)


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


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    ("made", "asked", "due"),
    [
        ("2030-05-01T14:00Z", "2030-05-02T02:59Z", False),
        ("2030-05-01T14:00Z", "2030-05-02T03:01Z", True),
        ("2030-05-02T03:01Z", "2030-05-02T23:59Z", False),
        ("2030-05-02T03:01Z", "2030-05-03T03:00Z", True),
    ],
)
def test_archives_are_made_once_a_day_after_three(made: str, asked: str, due: bool) -> None:
    with time_machine.travel(made, tick=False):
        archive()

    with time_machine.travel(asked, tick=False):
        assert making.is_due() is due


@pytest.mark.usefixtures("old")
def test_crash_while_rows_leave_is_finished_later(monkeypatch: pytest.MonkeyPatch) -> None:
    archive()
    AuditEvent.objects.filter(id__lte=5)._raw_delete("default")
    monkeypatch.setattr(making, "AT_ONCE", 2)
    assert verify_everything(damage=find_damaged_event).is_intact

    an_hour_later()

    assert not AuditEvent.objects.filter(id__lte=10).exists()


@pytest.mark.usefixtures("old")
def test_trail_beyond_its_size_is_archived_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("audit.archive.retention.MEGABYTE", 10_000)
    Retention.objects.update(days=None, megabytes=1)

    last = last_due()

    assert 1 < last < 13


def test_newest_event_stays() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=400)):
        make_event()
        make_event()
    Retention.objects.create(days=1)

    assert last_due() == 1


@pytest.mark.usefixtures("old")
def test_what_the_syslog_receiver_lacks_stays() -> None:
    Forwarding.objects.create(host="syslog.example.org", port=6514)
    assert last_due() == 0
    ForwardingPlace.objects.create(again_after=4, taken=6)

    assert last_due() == 4


def test_without_a_decision_everything_stays() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=4000)):
        make_event()
        make_event()

    archive_events()

    assert not Archive.objects.exists()


@pytest.mark.usefixtures("old")
def test_task_archives_once_a_day_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LARGEST", 4)
    sent: list[str] = []
    monkeypatch.setattr("audit.tasks.send", lambda name, *a, **k: sent.append(name))

    archive_events()
    assert sent == [archive_events.name]
    archive_events()
    archive_events()
    assert Archive.objects.count() == 3

    archive_events()
    assert len(sent) == 3
    assert archive_events.name in {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()}


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
