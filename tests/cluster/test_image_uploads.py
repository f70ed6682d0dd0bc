"""Image archives that are sent to the leader: checked, kept until they are installed, and gone."""

import gzip
import io
import os
import tarfile
import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Administrator
from audit.models import AuditEvent
from cluster import tasks
from cluster.applications import uploads
from cluster.errors.applications import ImageUploadInvalid, ImageUploadNotFound
from cluster.models import Cluster, InstalledApplication, Operation
from cluster.services.image_uploads import read_piece_for
from nodes.models import Command
from tests.accounts.factories import make_administrator
from tests.cluster.archives import NAME, archive, digest_of, docker_archive, headers, oci_archive
from tests.cluster.factories import add_node, carry_on, hear_from
from tests.cluster.installing import answer
from tests.cluster.uploading import API, PAGE, api, page, place

__all__ = ["api", "page", "place"]
pytestmark = pytest.mark.django_db
ARCHIVE = docker_archive()
INSTALL = Operation.Kind.INSTALL_APPLICATION
KINDS: dict[str, tuple[bytes, str]] = {
    "docker": (ARCHIVE, NAME),
    "nameless": (archive({"./manifest.json": b'[{"RepoTags": null}]'}), ""),
    "short name": (docker_archive("site:2"), ""),
    "oci": (oci_archive({"org.opencontainers.image.ref.name": NAME}), NAME),
    "oci nameless": (oci_archive(None), ""),
}
REFUSED: dict[str, bytes] = {
    "empty": b" ",
    "text": b"a web site",
    "other tar": archive({"index.html": b"ahoy"}),
    "no manifest": archive({"manifest.json": b"{"}),
    "empty manifest": archive({"manifest.json": b"[]"}),
    "strange manifest": archive({"index.json": b'{"manifests": [7]}'}),
    "deep manifest": archive({"manifest.json": b"[" * 100_000}),
    "long name": headers(tarfile.GNUTYPE_LONGNAME, 2 * uploads.CHUNK, bytes(2 * uploads.CHUNK))
    + ARCHIVE,
    "names of names": headers(tarfile.GNUTYPE_LONGNAME, 1, b"a", times=2000),
    "size below zero": headers(tarfile.XHDTYPE, 14, b"14 size=-9999\n") + ARCHIVE,
    "size of no file": headers(tarfile.XHDTYPE, 30, b"30 size=9" + b"9" * 20 + b"\n") + ARCHIVE,
    "truncated": ARCHIVE[:700],
    "compressed": gzip.compress(ARCHIVE),
}


@pytest.fixture
def admin(cluster: Cluster) -> Administrator:
    """Of a leader and a node that is heard."""
    add_node(2)
    hear_from(2)
    return make_administrator()


def send(api: APIClient, content: bytes, **headers: Any) -> Any:
    return api.generic("POST", API, content, content_type="application/x-tar", **headers)  # type: ignore[arg-type]  # bytes, too


def kept() -> list[str]:
    """Files in the leader's directory of archives."""
    return sorted(path.name for path in uploads.directory().glob("*"))


def install(api: APIClient, content: bytes = ARCHIVE, **values: Any) -> Any:
    body = {"node": 2, "name": "web", "upload": digest_of(content)} | values
    return api.post("/api/v1/applications/", body)


@pytest.mark.parametrize(("content", "image"), KINDS.values(), ids=list(KINDS))
def test_archive_is_kept_under_its_digest_and_says_its_name(
    api: APIClient, content: bytes, image: str
) -> None:
    sent = send(api, content)

    told = {"sha256": digest_of(content), "size": len(content), "image": image}
    assert (sent.status_code, sent.json()) == (201, told)
    assert kept() == [f"{digest_of(content)}.tar"]
    event = AuditEvent.objects.get(action="application.image.uploaded")
    assert (event.target_id, event.details) == (
        digest_of(content),
        {"size": len(content), "image": image},
    )


@pytest.mark.parametrize("content", REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_image_archive_is_refused_and_not_kept(api: APIClient, content: bytes) -> None:
    refused = send(api, content)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (400, "image_upload_invalid")
    assert error["attr"] == "file"
    assert kept() == []
    assert not AuditEvent.objects.filter(action="application.image.uploaded").exists()


@pytest.mark.parametrize("length", ["", "-1", "many", "9" * 30])
def test_length_that_is_none_is_refused(api: APIClient, length: str) -> None:
    refused = send(api, ARCHIVE, CONTENT_LENGTH=length)
    assert refused.json()["errors"][0]["code"] == "image_upload_invalid"


def test_archive_that_ends_early_is_refused_and_not_kept() -> None:
    stream = io.BytesIO(ARCHIVE)
    with (
        pytest.raises(ImageUploadInvalid, match="ended too early"),
        uploads.receiving(stream.read, size=len(ARCHIVE) + 1),
    ):
        pass
    assert kept() == []


def test_page_leads_to_the_form_that_installs_it(page: Client) -> None:
    sent = page.post(f"{PAGE}?node=2", {"file": SimpleUploadedFile("site.tar", ARCHIVE)})
    assert sent.headers["Location"] == f"/applications/image/?upload={digest_of(ARCHIVE)}&node=2"

    form = page.get(sent.headers["Location"]).context["form"]

    assert (form.initial["image"], "archive" in form.fields) == (NAME, False)
    typed = {"node": 2, "name": "web", "image": NAME, "health": "none"}
    asked = page.post(sent.headers["Location"], typed)
    operation = Operation.objects.get(kind=INSTALL)
    assert asked.headers["Location"] == f"/operations/{operation.pk}/"
    assert operation.parameters["upload"] == {"sha256": digest_of(ARCHIVE), "size": len(ARCHIVE)}


def test_page_says_that_an_archive_is_gone(page: Client) -> None:
    typed = {"node": 2, "name": "web", "image": NAME, "health": "none"}
    shown = page.post(f"/applications/image/?upload={'a' * 64}", typed)
    assert "There is no such image archive any more" in shown.content.decode()
    assert not Operation.objects.filter(kind=INSTALL).exists()


def test_page_shows_what_is_wrong_with_the_file(page: Client) -> None:
    shown = page.post(PAGE, {"file": SimpleUploadedFile("site.tar", b"text")})
    assert shown.context["form"].errors["file"] == [uploads.NOT_ONE]


def test_node_is_told_what_to_fetch_and_the_archive_goes_when_it_has(
    api: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    send(api, ARCHIVE)
    operation = carry_on(Operation.objects.get(pk=install(api).json()["operation"]["id"]))
    told = Command.objects.get(verb="install_application").arguments
    assert told["parcel"] == {"sha256": digest_of(ARCHIVE), "size": len(ARCHIVE)}
    assert (told["definition"]["image"], told["definition"]["archive"]) == (NAME, "")

    answer("install_application", image="0123456789ab")
    with django_capture_on_commit_callbacks(execute=True):
        carry_on(operation)

    assert operation.state == "succeeded"
    assert kept() == []
    assert InstalledApplication.objects.get().application.image == NAME


def test_archive_stays_while_another_node_wants_it(
    api: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    add_node(3)
    hear_from(3)
    send(api, ARCHIVE)
    first = Operation.objects.get(pk=install(api).json()["operation"]["id"])
    install(api, node=3)
    carry_on(first)
    answer("install_application")
    with django_capture_on_commit_callbacks(execute=True):
        carry_on(first)
    assert len(kept()) == 1


def test_archive_that_is_gone_is_not_installed(api: APIClient) -> None:
    refused = install(api)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["code"]) == (404, "image_upload_not_found")
    assert not Operation.objects.filter(kind=INSTALL).exists()


def test_archive_without_a_name_needs_one(api: APIClient) -> None:
    content, _ = KINDS["nameless"]
    send(api, content)
    assert install(api, content).json()["errors"][0]["attr"] == "image"
    assert install(api, content, image="localhost/mine:1").status_code == 202


def test_change_takes_an_archive_too(api: APIClient) -> None:
    operation = carry_on(Operation.objects.get(pk=_installed(api)))
    answer("install_application")
    carry_on(operation)
    send(api, ARCHIVE)
    number = InstalledApplication.objects.get().pk

    changed = api.patch(f"/api/v1/applications/{number}/", {"upload": digest_of(ARCHIVE)})

    carry_on(Operation.objects.get(pk=changed.json()["operation"]["id"]))
    told = Command.objects.get(acknowledged_at=None).arguments
    assert told["parcel"]["sha256"] == digest_of(ARCHIVE)


def _installed(api: APIClient) -> str:
    body = {"node": 2, "name": "web", "image": "localhost/site:1"}
    return str(api.post("/api/v1/applications/", body).json()["operation"]["id"])


def test_only_the_node_that_installs_it_gets_its_pieces(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PIECE", 600)
    send(api, ARCHIVE)
    carry_on(Operation.objects.get(pk=install(api).json()["operation"]["id"]))

    sha256 = digest_of(ARCHIVE)
    pieces = [read_piece_for(2, sha256=sha256, number=number) for number in range(20)]
    assert b"".join(pieces) == ARCHIVE
    with pytest.raises(ImageUploadNotFound):
        read_piece_for(3, sha256=sha256, number=0)


def test_archive_that_nobody_installs_is_forgotten_after_a_day(api: APIClient) -> None:
    send(api, ARCHIVE)
    old, young = uploads.directory() / ".old.part", uploads.directory() / ".young.part"
    for path, age in ((old, 24), (young, 23)):
        path.touch()
        os.utime(path, (0, time.time() - age * 3600))
    tasks.tidy_up()
    assert kept() == [young.name, f"{digest_of(ARCHIVE)}.tar"]
