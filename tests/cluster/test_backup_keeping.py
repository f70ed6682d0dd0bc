"""Where a backup goes when it is made, and which ones stay."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cluster.backup import place
from cluster.errors.backup import NoBackupYet
from cluster.models import BackupSettings, Cluster
from cluster.services import backup_settings, backups
from tests.cluster.backup_runs import events, ready
from tests.cluster.backups import InlineJobs, back_up, jobs
from tests.cluster.factories import ADMIN

__all__ = ["jobs", "ready"]
pytestmark = pytest.mark.django_db


def test_destination_gets_the_file(ready: InlineJobs, tmp_path: Path) -> None:
    target = tmp_path / "disk"
    target.mkdir()
    backup_settings.add_destination("local", {"path": str(target)}, actor=ADMIN)

    operation = back_up()

    found = backups.find_file()
    assert found is not None
    assert [path.name for path in target.iterdir()] == [operation.data["file"]]
    assert (target / found.path.name).read_bytes() == found.path.read_bytes()


def test_destination_that_fails_is_named_and_the_others_have_it(
    ready: InlineJobs, tmp_path: Path
) -> None:
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        backup_settings.add_destination("local", {"path": str(tmp_path / name)}, actor=ADMIN)
    (tmp_path / "bad").rmdir()

    operation = back_up()

    assert (operation.state, operation.error_code) == ("failed", "backup_not_delivered")
    assert str(tmp_path / "bad") in operation.error_detail
    assert len(list((tmp_path / "good").iterdir())) == 1
    assert BackupSettings.load().last_good_at is None
    assert events("backup.failed")[0].outcome == "failed"
    assert backups.find_file() is not None


def test_outdated_ones_go_there_and_here(
    ready: InlineJobs, cluster: Cluster, tmp_path: Path
) -> None:
    backup_settings.change_settings(actor=ADMIN, keep_last=2)
    backup_settings.add_destination("local", {"path": str(tmp_path)}, actor=ADMIN)
    stem = f"flotilla-{str(cluster.uuid)[:8]}"
    old = [f"{stem}-2020010{day}T000000Z.age" for day in (1, 2, 3)]
    foreign = "flotilla-00000000-20200101T000000Z.age"
    for folder in (tmp_path, place.folder()):
        for name in (*old, foreign):
            (folder / name).touch()

    newest = back_up().data["file"]

    for folder in (tmp_path, place.folder()):
        kept = {path.name for path in folder.iterdir() if path.suffix == ".age"}
        assert kept == {newest, old[2], foreign}


def test_backup_of_a_clock_that_was_ahead_takes_nobodys_place(
    ready: InlineJobs, cluster: Cluster
) -> None:
    """It would be the newest for years, and each new one outdated as soon as it is made."""
    backup_settings.change_settings(actor=ADMIN, keep_last=1)
    ahead = place.folder() / f"flotilla-{str(cluster.uuid)[:8]}-20770101T000000Z.age"
    ahead.touch()

    made = back_up().data["file"]

    found = backups.find_file()
    assert found is not None
    assert found.path.name == made
    assert ahead.exists()


def test_young_ones_are_kept_beside_the_last(ready: InlineJobs, cluster: Cluster) -> None:
    backup_settings.change_settings(actor=ADMIN, keep_last=1, keep_days=30)
    stem = f"flotilla-{str(cluster.uuid)[:8]}"
    young, old = (timezone.now() - timedelta(days=days) for days in (29, 31))
    for moment in (young, old):
        (place.folder() / f"{stem}-{moment:%Y%m%dT%H%M%SZ}.age").touch()

    back_up()

    assert len(list(place.folder().glob("*.age"))) == 2


def test_download_is_recorded(ready: InlineJobs) -> None:
    back_up()

    found = backups.take_file(actor=ADMIN)

    assert events("backup.downloaded")[0].details["file"] == found.path.name


def test_there_is_nothing_to_download_at_first(ready: InlineJobs) -> None:
    with pytest.raises(NoBackupYet):
        backups.take_file(actor=ADMIN)
