"""What a backup is inside, and how its seal tells what is wrong with a file."""

import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pyrage
import pytest

from cluster.backup import age, archive
from cluster.errors.backup import (
    BackupDamaged,
    BackupForeign,
    BackupNewer,
    BackupPasswordWrong,
    BackupTruncated,
)
from config.errors import DomainError
from config.version import VERSION
from tests.cluster.backups import PASSWORD, seal_quickly

FILES = {archive.DOCUMENT: b'{"schema": 1}', archive.SEALED: b"{}"}


def packed(files: dict[str, bytes] = FILES, **about: Any) -> bytes:
    return archive.pack({"cluster": {"uuid": "u"}, **about}, files)


def tar(**files: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as opened:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("_", "."))
            entry.size = len(content)
            opened.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def test_what_is_packed_comes_back() -> None:
    opened = archive.unpack(packed())

    assert opened.files[archive.DOCUMENT] == FILES[archive.DOCUMENT]
    assert opened.manifest["cluster"] == {"uuid": "u"}
    assert opened.manifest["version"] == VERSION


def test_manifest_lists_every_file_by_its_digest() -> None:
    listed = archive.unpack(packed()).manifest["contents"]

    assert {each["name"] for each in listed} == set(FILES)
    assert all(len(each["sha256"]) == 64 for each in listed)


def test_ordinary_tar_lists_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(packed())) as opened:
        assert opened.getnames() == [archive.MANIFEST, *FILES]


def test_file_that_was_exchanged_is_noticed() -> None:
    altered = packed().replace(b'{"schema": 1}', b'{"schema": 2}')

    with pytest.raises(BackupDamaged):
        archive.unpack(altered)


def test_archive_without_a_state_is_damaged() -> None:
    with pytest.raises(BackupDamaged):
        archive.unpack(packed({archive.DOCUMENT: b"{}"}))


@pytest.mark.parametrize(
    "raw",
    [b"", b"some notes", tar(notes_txt=b"hello"), tar(manifest_json=b'{"format": "other"}')],
    ids=["empty", "text", "tar", "manifest"],
)
def test_what_is_no_backup_is_foreign(raw: bytes) -> None:
    with pytest.raises(BackupForeign):
        archive.unpack(raw)


def test_archive_whose_file_claims_more_than_there_is_is_foreign() -> None:
    """A sparse file of a few bytes would fill the memory."""
    entry = tarfile.TarInfo("manifest.json")
    entry.pax_headers = {"GNU.sparse.size": str(2**50), "GNU.sparse.map": "0,0"}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as opened:
        opened.addfile(entry)

    with pytest.raises(BackupForeign, match="something else"):
        archive.unpack(made.getvalue())


def test_archive_with_a_link_is_foreign() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as opened:
        entry = tarfile.TarInfo("manifest.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(entry)

    with pytest.raises(BackupForeign):
        archive.unpack(made.getvalue())


@pytest.mark.parametrize(
    "changes", [{"format_version": 2}, {"version": "9.0.1"}], ids=["format", "product"]
)
def test_newer_backup_is_told_apart(changes: dict[str, Any]) -> None:
    with pytest.raises(BackupNewer):
        archive.unpack(packed(**changes))


def test_older_patch_release_is_read() -> None:
    assert archive.unpack(packed(version="0.0.9")).manifest["version"] == "0.0.9"


def test_manifest_without_contents_is_damaged() -> None:
    manifest = json.dumps({"format": archive.FORMAT, "format_version": 1, "version": "0.1.0"})

    with pytest.raises(BackupDamaged):
        archive.unpack(tar(manifest_json=manifest.encode()))


def test_password_opens_the_seal() -> None:
    assert age.open_sealed(seal_quickly(b"x" * 65536, PASSWORD), password=PASSWORD) == b"x" * 65536


Alter = Callable[[bytes], bytes]
ALTERED: dict[str, tuple[Alter, type[DomainError]]] = {
    "empty": (lambda raw: b"", BackupForeign),
    "text": (lambda raw: b"hello world\n" * 9, BackupForeign),
    "other recipients": (
        lambda raw: pyrage.encrypt(b"x", [pyrage.x25519.Identity.generate().to_public()]),
        BackupForeign,
    ),
    "first letters": (lambda raw: raw[:10], BackupTruncated),
    "half a header": (lambda raw: raw[:60], BackupTruncated),
    "no payload": (lambda raw: raw[: raw.index(b"\n--- ") + 49], BackupTruncated),
    "last byte missing": (lambda raw: raw[:-1], BackupTruncated),
    "half of it": (lambda raw: raw[: len(raw) // 2], BackupTruncated),
    "flipped at the end": (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), BackupDamaged),
    "flipped in the middle": (
        lambda raw: raw[:70000] + bytes([raw[70000] ^ 1]) + raw[70001:],
        BackupDamaged,
    ),
}


@pytest.mark.parametrize("name", ALTERED)
def test_bad_file_is_told_apart(name: str) -> None:
    alter, error = ALTERED[name]

    with pytest.raises(error):
        age.open_sealed(alter(seal_quickly(b"x" * 2 * 65536, PASSWORD)), password=PASSWORD)


def test_wrong_password_is_told_apart() -> None:
    with pytest.raises(BackupPasswordWrong):
        age.open_sealed(seal_quickly(b"x" * 65536, PASSWORD), password="another one, quite")
