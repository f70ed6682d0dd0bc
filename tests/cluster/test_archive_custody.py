"""What left the table is watched over like what is in it: real signatures, real memories."""

from pathlib import Path
from typing import Any

import pytest

from audit.actor import Actor
from audit.archive import making
from audit.archive.check import find_damaged_event
from audit.archive.making import archive_next, purge
from audit.archived import directory
from audit.export.check import check_export
from audit.models import Archive, AuditEvent, AuditHead
from audit.rounds import verify_everything
from cluster import custody
from tests.audit.factories import make_event
from tests.audit.sealing import repack
from tests.cluster.factories import Newcomer
from tests.cluster.witnessing import cut, forget, rewrite, settle, sync, witnessed
from tests.fakes import FakeAgent

__all__ = ["witnessed"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.FLOTILLA, "STATE_DIR", tmp_path)
    monkeypatch.setattr(making, "LINGER", making.LINGER * 0)


def archive(monkeypatch: pytest.MonkeyPatch, *, until: int) -> Archive:
    """The events until then are in a file, and nowhere else."""
    monkeypatch.setattr(making, "last_due", lambda: until)
    made = archive_next(actor=Actor.system())
    assert made is not None
    purge()
    assert AuditEvent.objects.order_by("id").values_list("id", flat=True)[0] == until + 1
    return made


def ask_everybody(member: Newcomer) -> None:
    custody.entrust(None, everything=True)
    sync(member)
    custody.hear()


def found() -> tuple[int, str]:
    report = verify_everything(damage=find_damaged_event)
    assert report.first_bad is not None
    return report.first_bad.id, report.first_bad.reason


def test_archive_is_signed_by_the_node_itself(
    witnessed: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = directory() / archive(monkeypatch, until=10).name
    assert check_export(path).signer == 1

    repack(path, lambda content: content.update(change_count(content)))

    assert "signature" in check_export(path).problem


def change_count(content: dict[str, bytes]) -> dict[str, bytes]:
    manifest = content["manifest.json"].replace(b'"archived_at": "2', b'"archived_at": "1')
    return {"manifest.json": manifest}


def test_untouched_trail_with_an_archive_is_intact(
    witnessed: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(monkeypatch, until=10)
    settle(witnessed)

    assert verify_everything(damage=find_damaged_event).is_intact


def test_cut_tail_behind_an_archive_is_found(
    witnessed: Newcomer, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(monkeypatch, until=10)
    settle(witnessed)
    last = AuditHead.objects.get().last_id
    cut(last - 2)
    forget(local_agent)

    ask_everybody(witnessed)

    event, reason = found()
    assert event > last - 2
    assert reason.startswith("is missing: node2 remembers it")


@pytest.mark.parametrize("until", [10, 24], ids=["in the table", "in the archive"])
def test_events_that_were_written_anew_before_they_were_archived_are_found(
    witnessed: Newcomer, local_agent: FakeAgent, monkeypatch: pytest.MonkeyPatch, until: int
) -> None:
    """What the worker remembers is in the table, or has left it."""
    remembered = AuditHead.objects.get().last_id
    while AuditHead.objects.get().last_id < 30:
        make_event()
    rewrite(5)
    forget(local_agent)
    archive(monkeypatch, until=until)

    ask_everybody(witnessed)

    event, reason = found()
    assert event <= remembered + 1
    assert "node2 remembers" in reason
