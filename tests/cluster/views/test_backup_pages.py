"""Backup in the browser."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cluster.backup import replica
from cluster.models import BackupDestination, BackupPassword, BackupSettings, Cluster, Operation
from cluster.services import backup_settings
from tests.accounts.factories import make_administrator
from tests.cluster.backups import PASSWORD, InlineJobs, back_up, elsewhere, jobs, set_up
from tests.cluster.factories import ADMIN, carry_on
from tests.cluster.views.backup_pages import text

__all__ = ["elsewhere", "jobs"]
pytestmark = pytest.mark.django_db
PAGE = "/settings/backup/"


@pytest.fixture
def ready(cluster: Cluster, jobs: InlineJobs) -> InlineJobs:
    """A leader that can back up."""
    set_up()
    return jobs


def test_page_says_gently_that_nothing_is_set_up(
    browser: Client, cluster: Cluster, jobs: InlineJobs
) -> None:
    shown = text(browser.get(PAGE))

    assert "No backup is set up." in shown
    assert "Back up now" not in shown
    assert "There is no backup" not in text(browser.get("/nodes/"))


def test_page_demands_the_password_again_after_a_promotion(
    browser: Client, ready: InlineJobs
) -> None:
    """S27."""
    replica.restore(replica.export())

    assert "Set the backup password again." in text(browser.get(PAGE))


def test_password_is_set_in_the_browser(
    browser: Client, cluster: Cluster, jobs: InlineJobs
) -> None:
    answer = browser.post(f"{PAGE}password/", {"password": PASSWORD, "again": PASSWORD})

    assert answer.headers["Location"] == PAGE
    assert BackupPassword.objects.exists()


@pytest.mark.parametrize(
    ("password", "again", "word"),
    [(PASSWORD, "something else", "The two differ."), ("short", "short", "at least 12 characters")],
    ids=["differ", "short"],
)
def test_bad_password_is_refused_beside_its_field(
    browser: Client, cluster: Cluster, jobs: InlineJobs, password: str, again: str, word: str
) -> None:
    answer = browser.post(f"{PAGE}password/", {"password": password, "again": again})

    assert word in text(answer)
    assert not BackupPassword.objects.exists()


def test_schedule_is_changed_in_the_browser(browser: Client, ready: InlineJobs) -> None:
    assert 'value="02:30"' in text(browser.get(f"{PAGE}schedule/"))

    browser.post(f"{PAGE}schedule/", {"daily_at": "", "keep_last": "5", "keep_days": ""})

    kept = BackupSettings.load()
    assert (kept.daily_at, kept.keep_last, kept.keep_days) == (None, 5, None)
    assert "never by itself" in text(browser.get(PAGE))


def test_schedule_that_keeps_too_much_is_refused(browser: Client, ready: InlineJobs) -> None:
    answer = browser.post(f"{PAGE}schedule/", {"daily_at": "", "keep_last": "5000"})

    assert "Give a number from 1 to 1000." in text(answer)


def test_backup_is_begun_and_followed(browser: Client, ready: InlineJobs) -> None:
    answer = browser.post(f"{PAGE}run/")

    operation = Operation.objects.get(kind="backup")
    assert answer.headers["Location"] == f"/operations/{operation.pk}/"
    assert "In progress" in text(browser.get(PAGE))
    carry_on(operation)
    assert "The cluster is backed up." in text(browser.get(f"/operations/{operation.pk}/"))


def test_second_backup_is_refused_in_words(browser: Client, ready: InlineJobs) -> None:
    browser.post(f"{PAGE}run/")

    answer = browser.post(f"{PAGE}run/", follow=True)

    assert "Another operation is not finished yet: back up the cluster." in text(answer)


def test_backup_is_downloaded(browser: Client, ready: InlineJobs) -> None:
    name = back_up().data["file"]

    answer: Any = browser.post(f"{PAGE}file/")

    assert f'filename="{name}"' in answer.headers["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"age-encryption.org/v1")


@pytest.mark.parametrize(
    "path", ["password/", "file/", "destinations/add/local/"], ids=["password", "file", "add"]
)
def test_step_up_is_asked_for(ready: InlineJobs, path: str) -> None:
    client = Client()
    client.force_login(make_administrator("ann"))

    answer = client.post(f"{PAGE}{path}")

    assert "accounts/proof.html" in [template.name for template in answer.templates]


def test_nothing_to_download_is_said_in_words(browser: Client, ready: InlineJobs) -> None:
    assert "There is no backup file" in text(browser.post(f"{PAGE}file/", follow=True))


@pytest.mark.parametrize("kind", ["local", "sftp", "s3", "webdav"])
def test_each_kind_has_its_form(browser: Client, ready: InlineJobs, kind: str) -> None:
    shown = text(browser.get(f"{PAGE}destinations/add/{kind}/"))

    assert "Before anything is saved, this leader puts a small file there" in shown


def test_unknown_kind_has_none(browser: Client, ready: InlineJobs) -> None:
    assert browser.get(f"{PAGE}destinations/add/floppy/").status_code == 404


def test_destination_is_added_and_removed(
    browser: Client, ready: InlineJobs, tmp_path: Path
) -> None:
    browser.post(f"{PAGE}destinations/add/local/", {"path": str(tmp_path)})

    made = BackupDestination.objects.get()
    assert str(tmp_path) in text(browser.get(PAGE))
    browser.post(f"{PAGE}destinations/{made.pk}/remove/")
    assert not BackupDestination.objects.exists()


def test_destination_that_does_not_work_is_refused_in_words(
    browser: Client, ready: InlineJobs
) -> None:
    answer = browser.post(f"{PAGE}destinations/add/local/", {"path": "/nowhere/at/all"})

    assert "The leader cannot use this destination: /nowhere/at/all" in text(answer)


def test_missing_rclone_is_said_with_where_to_install_it(
    browser: Client, ready: InlineJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)

    answer = browser.post(f"{PAGE}destinations/add/webdav/", {"url": "https://nas.example.org"})

    assert "not installed on the leader" in text(answer)
    assert "apt install rclone" in text(answer)


def test_unknown_destination_is_not_found(browser: Client, ready: InlineJobs) -> None:
    unknown = "0b5c64c1-6d2f-4d0b-9d4c-111111111111"

    assert browser.get(f"{PAGE}destinations/{unknown}/remove/").status_code == 404


def test_failed_delivery_is_shown_beside_its_place(
    browser: Client, ready: InlineJobs, tmp_path: Path
) -> None:
    (tmp_path / "share").mkdir()
    backup_settings.add_destination("local", {"path": str(tmp_path / "share")}, actor=ADMIN)
    (tmp_path / "share").rmdir()
    operation = back_up()

    shown = text(browser.get(PAGE))

    assert "No such file or directory." in shown
    assert "The backup failed." in text(browser.get(f"/operations/{operation.pk}/"))


def test_auditor_sees_no_button(auditor: Client, ready: InlineJobs) -> None:
    back_up()

    shown = text(auditor.get(PAGE))

    assert "Newest good backup" in shown
    assert not {word for word in ("Back up now", "Download", "Set another") if word in shown}


@pytest.mark.parametrize("days", [1, 3])
def test_every_page_warns_of_a_backup_older_than_two_days(
    browser: Client, ready: InlineJobs, days: int
) -> None:
    BackupSettings.objects.update(last_good_at=timezone.now() - timedelta(days=days))

    warned = "The newest good backup is older than two days." in text(browser.get("/nodes/"))

    assert warned == (days > 2)


def test_every_page_warns_where_no_backup_ever_came_of_it(
    browser: Client, ready: InlineJobs
) -> None:
    BackupSettings.objects.update(password_set_at=timezone.now() - timedelta(days=3))

    assert "There is no backup." in text(browser.get("/nodes/"))
