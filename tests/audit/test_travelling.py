"""Imported archives travel inside of a sealed export (S59)."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.actor import Actor
from audit.archive import travelling
from audit.archive.importing import import_archive
from audit.export.service import ExportFormat, export, export_everything
from audit.models import AuditEvent, ImportedArchive, ImportedEvent
from audit.search.question import Question
from tests.audit.factories import make_event
from tests.audit.sealing import Content, Seal, repack

pytestmark = pytest.mark.django_db
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _sealing(settings: Any) -> None:
    settings.AUDIT_CUSTODIAN = "tests.audit.sealing.Seal"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A sealed export of three events."""
    for number in range(3):
        make_event(details={"text": f"100 % Straße {number}", "number": 1.5})
    path = tmp_path / "older.zip"
    made = export(Question(), actor=Actor.root(), form=ExportFormat.SEALED)
    path.write_bytes(b"".join(made.chunks))
    return path


@pytest.fixture
def leave(tmp_path: Path) -> Callable[[], tuple[Path, Json]]:
    """The export, and what its manifest promises; the next leader has nothing imported."""

    def made() -> tuple[Path, Json]:
        path, promised = tmp_path / "outgoing.zip", travelling.promise()
        path.write_bytes(b"".join(export_everything(actor=Actor.root()).chunks))
        travelling.enclose(path)
        ImportedEvent.objects.all().delete()
        ImportedArchive.objects.all().delete()
        return path, promised

    return made


def arrive(path: Path, promised: Json) -> int:
    return travelling.take_out(path, promised, actor=Actor.root(), tell=lambda done, count: None)


def test_archive_arrives_as_it_was_with_its_signature(older: Path, leave: Any) -> None:
    was, _ = import_archive(older, actor=Actor.root())
    rows = list(was.events.order_by("event_id").values_list("row", flat=True))

    lost = arrive(*leave())

    came = ImportedArchive.objects.get()
    assert lost == 0
    assert (came.signer, came.manifest, came.name) == (1, was.manifest, "older.zip")
    assert list(came.events.order_by("event_id").values_list("row", flat=True)) == rows


def test_archive_travels_on_to_a_third_leader(
    older: Path, leave: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches, too."""
    monkeypatch.setattr(travelling, "BATCH", 2)
    import_archive(older, actor=Actor.root())

    lost = [arrive(*leave()), arrive(*leave())]

    assert lost == [0, 0]
    assert ImportedArchive.objects.get().signer == 1


def test_export_with_archives_in_it_is_a_sealed_export_as_ever(older: Path, leave: Any) -> None:
    import_archive(older, actor=Actor.root())

    path, promised = leave()

    trail, is_new = import_archive(path, actor=Actor.root())
    assert (trail.signer, is_new) == (1, True)
    assert trail.manifest["imported"] == promised["imported"]


def test_what_the_new_leader_has_already_is_left_alone(older: Path, leave: Any) -> None:
    import_archive(older, actor=Actor.root())
    path, promised = leave()
    arrive(path, promised)
    before = ImportedArchive.objects.get().pk, AuditEvent.objects.count()
    path.unlink()

    assert arrive(path, promised) == 0

    assert (ImportedArchive.objects.get().pk, AuditEvent.objects.count()) == before


def test_signature_that_the_cluster_cannot_tell_stays_behind(older: Path, leave: Any) -> None:
    repack(older, Seal.sign_as_stranger)
    import_archive(older, actor=Actor.root(), key="stranger")

    assert arrive(*leave()) == 0

    assert ImportedArchive.objects.get().signer is None


def enclosed(content: Content) -> str:
    (name,) = [name for name in content if name.startswith("imported/")]
    return name


def spoil(content: Content) -> None:
    """Other bytes in a file that is packed as it was."""
    name = enclosed(content)
    middle = len(content[name]) // 3
    content[name] = content[name][:middle] + b"????" + content[name][middle + 4 :]


def lose(content: Content) -> None:
    del content[enclosed(content)]


def exchange(content: Content) -> None:
    """Whole and signed, and not the one that was promised."""
    make_event()
    made = export(Question(), actor=Actor.root(), form=ExportFormat.SEALED)
    content[enclosed(content)] = b"".join(made.chunks)


@pytest.mark.parametrize("harm", [spoil, lose, exchange])
def test_archive_that_is_not_the_promised_one_is_lost_and_counted(
    older: Path, leave: Any, harm: Callable[[Content], None]
) -> None:
    import_archive(older, actor=Actor.root())
    path, promised = leave()
    repack(path, harm)

    assert arrive(path, promised) == 1

    assert not ImportedArchive.objects.exists()
    assert not path.with_suffix(".part").exists()


@pytest.mark.parametrize("promised", ["\0", "\ud800", "../../x"], ids=["nul", "half", "path"])
def test_promise_of_no_digest_is_lost_and_counted(older: Path, leave: Any, promised: str) -> None:
    import_archive(older, actor=Actor.root())
    path, _ = leave()

    assert arrive(path, {"imported": [{"sha256": promised, "name": promised}]}) == 1


def test_archive_is_named_as_promised_but_for_what_no_name_has(older: Path, leave: Any) -> None:
    import_archive(older, actor=Actor.root())
    path, promised = leave()
    promised["imported"][0]["name"] = "older\0.zip"

    assert arrive(path, promised) == 0
    assert ImportedArchive.objects.get().name == "older\ufffd.zip"


def test_archive_that_would_grow_when_it_is_unpacked_is_lost(older: Path, leave: Any) -> None:
    import_archive(older, actor=Actor.root())
    path, promised = leave()
    with zipfile.ZipFile(path) as file:
        content = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, each in content.items():
            file.writestr(name, each)

    assert arrive(path, promised) == 1


@pytest.mark.parametrize("limit", [{"SHARE": 0}, {"BUDGET": -1}], ids=["disk", "time"])
def test_archive_beyond_a_limit_is_lost_and_counted(
    older: Path, leave: Any, monkeypatch: pytest.MonkeyPatch, limit: dict[str, float]
) -> None:
    import_archive(older, actor=Actor.root())
    given = leave()
    for name, value in limit.items():
        monkeypatch.setattr(travelling, name, value)

    assert arrive(*given) == 1


def test_archive_without_room_on_the_old_leader_is_not_enclosed(
    older: Path, leave: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_archive(older, actor=Actor.root())
    monkeypatch.setattr(travelling, "SHARE", 0)

    path, _ = leave()

    with zipfile.ZipFile(path) as file:
        assert file.namelist() == ["events.jsonl", "manifest.json"]


@pytest.mark.parametrize(
    "manifest", [{}, {"imported": 7}, {"imported": ["all", 7]}], ids=["none", "number", "others"]
)
def test_manifest_that_promises_nothing_brings_nothing(tmp_path: Path, manifest: Json) -> None:
    assert arrive(tmp_path / "none.zip", manifest) == 0


def test_only_so_many_archives_travel(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their names must fit in a manifest."""
    import_archive(older, actor=Actor.root())
    monkeypatch.setattr(travelling, "MOST", 0)

    assert travelling.promise() == {}
