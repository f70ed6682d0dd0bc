"""Opening what was exported or archived, and reading its events one by one, each one checked."""

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from audit.canonical import UNSTORABLE, canonical_json, leaves
from audit.chain import HASHED, digest, link
from audit.export.manifest import ARCHIVE, EXPORT, Tally
from audit.surroundings import custodian

Json = dict[str, Any]
PLAIN, PACKED, MANIFEST = "events.jsonl", "events.jsonl.zst", "manifest.json"
LARGEST_MANIFEST = 1024 * 1024
LONGEST_LINE = 1024 * 1024
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
DAMAGED = (
    *(zipfile.BadZipFile, zstandard.ZstdError, zlib.error),
    *(KeyError, EOFError, ValueError, NotImplementedError, OSError),
)
"""What is raised for bytes that are not as they were, and for kinds of file that nobody makes."""
LARGEST_ID = 2**63 - 1


class Unfit(Exception):
    """What is wrong with the file; the text says where."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An open file: what it says of itself, and its lines."""

    manifest: Json
    lines: Iterable[bytes]

    @property
    def signature(self) -> str:
        return str(self.manifest.get("signature") or "")

    @property
    def content(self) -> Json:
        """What was signed."""
        return {name: value for name, value in self.manifest.items() if name != "signature"}


@contextmanager
def opened(path: Path) -> Iterator[Sealed]:
    """A sealed export or an archive; raises OSError, and ``Unfit`` for any other file."""
    with path.open("rb") as source, ExitStack() as closed:
        with _as_unfit():
            file = closed.enter_context(zipfile.ZipFile(source))
            _check_members(file)
            manifest = _read_manifest(file)
        yield Sealed(manifest, _lines_of(file))


@contextmanager
def _as_unfit() -> Iterator[None]:
    """Whatever is wrong with a file that is there."""
    try:
        yield
    except DAMAGED as error:
        raise Unfit(f"This is no sealed export, or it is damaged: {error}.") from error


def _check_members(file: zipfile.ZipFile) -> None:
    for member in file.infolist():
        if member.flag_bits & ENCRYPTED or member.compress_type not in COMPRESSIONS:
            raise Unfit("This is no sealed export: it is packed in another way.")


def _read_manifest(file: zipfile.ZipFile) -> Json:
    if file.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise Unfit("The manifest is too large.")
    try:
        manifest = json.loads(file.read(MANIFEST))
        is_storable = not any(UNSTORABLE.search(text) for text in leaves(manifest))
    except (ValueError, RecursionError) as error:
        raise Unfit(f"The manifest is no JSON: {error}.") from error
    if not is_storable:
        raise Unfit("The manifest has characters that no database can hold.")
    if not isinstance(manifest, dict) or manifest.get("format") not in (EXPORT, ARCHIVE):
        raise Unfit("The manifest is not one of an audit trail.")
    return manifest


def _lines_of(file: zipfile.ZipFile) -> Iterator[bytes]:
    packed = PACKED in file.namelist()
    with _as_unfit(), file.open(PACKED if packed else PLAIN) as member:
        source: Any = zstandard.ZstdDecompressor().stream_reader(member) if packed else member
        yield from bounded(io.BufferedReader(source))


def bounded(lines: Any) -> Iterator[bytes]:
    """Line by line, and never more than one of them in memory."""
    while line := lines.readline(LONGEST_LINE):
        yield line


def checked_rows(lines: Iterable[bytes], tally: Tally) -> Iterator[Json]:
    """Each event that fits itself and follows the one before; raises ``Unfit`` at the first that
    does not.
    """
    for line in lines:
        row = _parse(line)
        if row is None or not _fits(row):
            raise Unfit(f"Line {tally.count + 1} is not as it was exported.")
        if tally.last is not None and not _follows(row, tally.last):
            raise Unfit(
                f"Line {tally.count + 1}: event {row['id']} does not follow the one before."
            )
        tally.add(row, line)
        yield row


def check_manifest(sealed: Sealed, tally: Tally) -> None:
    """Whether the manifest names just what was read; raises ``Unfit``."""
    found = {
        "count": tally.count,
        "first": tally.first,
        "last": tally.last,
        "sha256": tally.digest.hexdigest(),
    }
    for name, value in found.items():
        if sealed.manifest.get(name) != value:
            raise Unfit(f"The manifest names another {name}.")
    before = sealed.manifest.get("previous")
    if isinstance(before, dict) and before.get("hash") != tally.before:
        raise Unfit("The manifest names another event before the first.")


def signer_of(sealed: Sealed, *, key: str = "") -> int | None:
    """The node that signed the manifest, None where nobody did; raises ``Unfit``."""
    if not sealed.signature:
        return None
    signer = custodian().signer_of(sealed.content, signature=sealed.signature, key=key)
    if signer is None:
        raise Unfit(
            "The manifest's signature is not by "
            + ("that key." if key else "a node that this cluster knows.")
        )
    return signer


def _parse(line: bytes) -> Json | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_event = isinstance(row, dict) and type(row.get("id")) is int and 0 < row["id"] <= LARGEST_ID
    return row if is_event else None


def _fits(row: Json) -> bool:
    """By its own digests."""
    try:
        details = digest(canonical_json(row["details"]), salt=row["details_salt"])
        values = [row[name] for name in HASHED[row["version"]]]
        linked = link(values, version=row["version"], previous=row["previous"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return False
    return bool(details == row["details_digest"] and linked == row["hash"])


def _follows(row: Json, last: Json) -> bool:
    """Later; and where no event lies between them, linked."""
    if row["id"] == last["id"] + 1:
        return bool(row["previous"] == last["hash"])
    return bool(row["id"] > last["id"])
