"""Files are taken where a page asks for one, and nowhere else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.test import Client

pytestmark = pytest.mark.django_db
PAGE = "https://testserver/login/"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes that went to memory or to disk."""
    sizes: list[int] = []
    for handler in (MemoryFileUploadHandler, TemporaryFileUploadHandler):

        def receive(self: object, raw_data: bytes, start: int) -> None:
            sizes.append(len(raw_data))

        monkeypatch.setattr(handler, "receive_data_chunk", receive)
    return sizes


@pytest.mark.parametrize("size", [10, 3_000_000], ids=["small", "large"])
def test_stranger_fills_no_disk_with_a_file_for_a_form(kept: list[int], size: int) -> None:
    """The form is read for its CSRF token, before anybody knows who asks."""
    client = Client(enforce_csrf_checks=True)
    client.get("/login/", secure=True)
    file = SimpleUploadedFile("holiday.jpg", bytes(size))

    answer = client.post("/login/", {"file": file}, secure=True, headers={"referer": PAGE})

    assert answer.status_code == 403
    assert kept == []
