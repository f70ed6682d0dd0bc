"""Room for image archives: taken beforehand, and never all that the leader has."""

import errno
import shutil
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit.reserve import ENOUGH
from cluster.applications import uploads
from cluster.models import Cluster
from tests.accounts.factories import make_administrator
from tests.cluster.archives import docker_archive
from tests.cluster.uploading import API, PAGE, api, page, place

__all__ = ["api", "page", "place"]
pytestmark = pytest.mark.django_db
ARCHIVE = docker_archive()


@pytest.fixture
def admin(cluster: Cluster) -> Administrator:
    return make_administrator()


def send(api: APIClient, content: bytes) -> Any:
    return api.generic("POST", API, content, content_type="application/x-tar")  # type: ignore[arg-type]  # bytes, too


def kept() -> list[str]:
    """Files in the leader's directory of archives."""
    return sorted(path.name for path in uploads.directory().glob("*"))


def test_room_is_taken_before_the_first_byte_so_that_others_find_it_taken() -> None:
    """Several at once would fill the disk together otherwise."""
    taken: list[int] = []

    def read(size: int) -> bytes:
        taken.extend(path.stat().st_blocks * 512 for path in uploads.directory().iterdir())
        return bytes(size)

    with uploads.receiving(read, size=3 * uploads.CHUNK):
        pass
    assert taken[0] >= 3 * uploads.CHUNK
    assert kept() == []


def _full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _spent(*_: Any) -> None:
    raise OSError(errno.EDQUOT, "Disk quota exceeded")


@pytest.mark.parametrize("fails", [_full, _spent])
@pytest.mark.parametrize(
    "call",
    ["os.posix_fallocate", "pathlib.Path.hardlink_to", "cluster.applications.uploads._write"],
)
def test_disk_that_others_filled_meanwhile_is_said_and_nothing_is_left(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, call: str, fails: Any
) -> None:
    monkeypatch.setattr(call, fails)
    api.raise_request_exception = False
    refused = send(api, ARCHIVE)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (507, "upload_disk_full")
    assert error["attr"] == "file"
    assert kept() == []


def test_archive_that_leaves_too_little_to_others_who_came_meanwhile_is_refused(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([10**12, ENOUGH - 1])
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 0, next(free)))
    api.raise_request_exception = False
    assert send(api, ARCHIVE).status_code == 507
    assert kept() == []


def test_page_says_that_others_filled_the_disk_meanwhile(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.posix_fallocate", _full)
    shown = page.post(PAGE, {"file": SimpleUploadedFile("site.tar", ARCHIVE)})
    assert "has no room for the file" in shown.content.decode()
    assert kept() == []


@pytest.fixture
def short_of_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which the archive would fit, and leave too little."""
    free = 2 * (len(ARCHIVE) + ENOUGH) - 2
    usage = type(shutil.disk_usage("/"))(10**12, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def test_archive_that_does_not_fit_is_refused_before_anything_is_stored(
    api: APIClient, short_of_room: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_made", None)
    refused = send(api, ARCHIVE)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (413, "image_upload_too_large")


def test_page_refuses_what_does_not_fit_before_anything_is_stored(
    page: Client, short_of_room: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", None)
    shown = page.post(PAGE, {"file": SimpleUploadedFile("site.tar", ARCHIVE * 20)})
    assert "has room for an archive of 0 MB" in shown.content.decode()
    assert kept() == []
