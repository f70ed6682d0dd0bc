"""What a backup is inside: a tar of a manifest and of what it lists, each by its digest."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.errors.backup import BackupDamaged, BackupForeign, BackupNewer
from nodes.agent.version import VERSION

FORMAT = "flotilla-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
DOCUMENT = "cluster/state.json"
SEALED = "cluster/sealed.json"
CERTIFICATE = "tls/cert.pem"
PRIVATE_KEY = "tls/key.pem"
AUDIT = "audit/audit-export.zip"
NEEDED = (DOCUMENT, SEALED)
BLOCK = 64 * 1024
"""A backup's length is a multiple of this: of one that is not, the end is missing."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A backup that was opened, and is whole."""

    manifest: dict[str, Any]
    files: Mapping[str, bytes]


def pack(about: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """The tar of ``files`` by name, with a manifest that also says what ``about`` does."""
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": VERSION,
        **about,
        "contents": [_describe(name, content) for name, content in files.items()],
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in {MANIFEST: text, **files}.items():
            _add(archive, name, content)
    return _padded(made.getvalue())


def unpack(raw: bytes) -> Contents:
    """The contents, checked; raises ``BackupForeign``, ``BackupNewer``, ``BackupDamaged``."""
    files = _read(raw)
    manifest = _read_manifest(files)
    listed = {str(each["name"]): each for each in manifest["contents"]}
    if set(listed) != set(files) - {MANIFEST}:
        raise BackupDamaged(problem="it does not hold what its manifest lists.")
    for name, described in listed.items():
        if _describe(name, files[name]) != described:
            raise BackupDamaged(problem=f"{name} is not as it was.")
    if not set(NEEDED) <= set(files):
        raise BackupDamaged(problem="it holds no state of a cluster.")
    return Contents(manifest, files)


def _describe(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _padded(tar: bytes) -> bytes:
    """A tar may end in as many zeros as one likes."""
    return tar + bytes(-len(tar) % BLOCK)


def _read(raw: bytes) -> dict[str, bytes]:
    """Plain files only, and nothing touches the disk."""
    files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
            for entry in archive:
                is_plain = entry.isreg() and entry.size <= len(raw)  # a sparse one claims more
                opened = archive.extractfile(entry) if is_plain else None
                if opened is None or entry.name in files:
                    raise BackupForeign(problem="its archive holds something else than files.")
                files[entry.name] = opened.read()
    except tarfile.TarError:
        raise BackupForeign(problem="what it seals is no archive.") from None
    return files


def _read_manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        manifest = json.loads(files[MANIFEST])
        is_ours = manifest["format"] == FORMAT
    except (KeyError, TypeError, ValueError):
        is_ours = False
    if not is_ours:
        raise BackupForeign(problem="it has no manifest of one.")
    _check_version(manifest)
    if not _has_contents(manifest):
        raise BackupDamaged(problem="its manifest is incomplete.")
    return dict(manifest)


def _check_version(manifest: Mapping[str, Any]) -> None:
    """An older one is read; of a newer one nobody here knows what it says."""
    made_by = str(manifest.get("version", ""))
    is_newer = manifest.get("format_version") != FORMAT_VERSION
    if is_newer or _release(made_by) > _release(VERSION):
        raise BackupNewer(version=made_by, own=VERSION)


def _release(version: str) -> tuple[int, ...]:
    """Major and minor; empty for what is no version."""
    parts = version.split(".")[:2]
    return tuple(map(int, parts)) if all(p.isascii() and p.isdigit() for p in parts) else ()


def _has_contents(manifest: Mapping[str, Any]) -> bool:
    contents = manifest.get("contents")
    return isinstance(contents, list) and all(
        isinstance(each, dict) and isinstance(each.get("name"), str) for each in contents
    )
