"""Restoring what cannot be restored: the machine stays as it was."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.models import AuditEvent
from cluster.backup import archive
from cluster.backup.jobs import JobRefused
from cluster.errors import ClusterAlreadySet, VpnNetworkOverlaps
from cluster.errors.backup import BackupDamaged, BackupJobDied, BackupPasswordWrong
from cluster.models import Cluster
from cluster.services.restoring import request_restore
from config.errors import DomainError
from tests.cluster.backups import PASSWORD, Elsewhere, InlineJobs, elsewhere, jobs, seal_quickly
from tests.cluster.factories import ADMIN, request_cluster
from tests.cluster.restoring import assert_untouched, opened, there

__all__ = ["elsewhere", "jobs", "there"]
pytestmark = pytest.mark.django_db
REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "truncated": (lambda raw: raw[:-70], "backup_truncated"),
    "altered": (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "backup_damaged"),
    "foreign": (lambda raw: b"PK\x03\x04 a holiday photo", "backup_foreign"),
    "foreign inside": (lambda raw: seal_quickly(b"diary" * 99, PASSWORD), "backup_foreign"),
    "newer": (
        lambda raw: seal_quickly(
            archive.pack({"version": "99.0"}, {archive.DOCUMENT: b"{}", archive.SEALED: b"{}"}),
            PASSWORD,
        ),
        "backup_newer",
    ),
    "no JSON inside": (
        lambda raw: seal_quickly(
            archive.pack({}, {archive.DOCUMENT: b"{", archive.SEALED: b"{}"}), PASSWORD
        ),
        "backup_damaged",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_file_changes_nothing(name: str, there: Elsewhere) -> None:
    alter, code = REFUSED[name]
    there.file.write_bytes(alter(there.file.read_bytes()))

    with pytest.raises(JobRefused) as refused:
        request_restore(there.file, actor=ADMIN, password=PASSWORD)

    assert refused.value.code == code
    assert_untouched(there)
    assert AuditEvent.objects.get(action="cluster.restore.refused").details["code"] == code


def test_state_that_is_none_is_refused(there: Elsewhere) -> None:
    empty = archive.pack({}, {archive.DOCUMENT: b"{}", archive.SEALED: b"{}"})
    there.file.write_bytes(seal_quickly(empty, PASSWORD))

    with pytest.raises(BackupDamaged):
        request_restore(there.file, actor=ADMIN, password=PASSWORD)

    assert_untouched(there)


def test_manifest_that_names_no_machine_is_no_error(there: Elsewhere) -> None:
    raw = archive.unpack(opened(there.file))
    files = {name: raw.files[name] for name in (archive.DOCUMENT, archive.SEALED)}
    there.file.write_bytes(seal_quickly(archive.pack({"node": ["node1"]}, files), PASSWORD))

    operation = request_restore(there.file, actor=ADMIN, password=PASSWORD)

    assert operation.parameters["made_on"] == ""


def test_wrong_password_changes_nothing(there: Elsewhere) -> None:
    with pytest.raises(JobRefused) as refused:
        request_restore(there.file, actor=ADMIN, password="quite another password")

    assert (refused.value.code, refused.value.field) == ("backup_password_wrong", "password")
    assert_untouched(there)


def test_empty_password_is_a_wrong_one(there: Elsewhere) -> None:
    with pytest.raises(BackupPasswordWrong):
        request_restore(there.file, actor=ADMIN, password="")


def test_large_backup_is_opened_like_any_other(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the audit trail in it; only what browsers send has a limit."""
    os.truncate(there.file, 900 * 1024 * 1024)
    asked: list[str] = []

    def ask(jobs: InlineJobs, verb: str, order: Any, *, folder: Path) -> Any:
        asked.append(order["source"])
        raise BackupJobDied

    monkeypatch.setattr(InlineJobs, "ask", ask)

    with pytest.raises(BackupJobDied):
        request_restore(there.file, actor=ADMIN, password=PASSWORD)

    assert asked == [str(there.file)]


def test_network_of_this_machine_is_not_taken_over(there: Elsewhere) -> None:
    there.agent.machine.own_networks = ("10.5.4.0/25",)

    with pytest.raises(VpnNetworkOverlaps):
        request_restore(there.file, actor=ADMIN, password=PASSWORD)

    assert_untouched(there)


def test_leader_restores_nothing(cluster: Cluster, jobs: InlineJobs, tmp_path: Path) -> None:
    with pytest.raises(ClusterAlreadySet):
        request_restore(tmp_path / "file", actor=ADMIN, password=PASSWORD)


def test_restoration_excludes_other_beginnings(there: Elsewhere) -> None:
    request_restore(there.file, actor=ADMIN, password=PASSWORD)

    with pytest.raises(DomainError, match="not finished"):
        request_cluster()
