"""The imported archives of a node that led, on their way to the next leader (S59).

They travel inside of its sealed export, whose signed manifest names them: each a sealed file again,
with the manifest and the signature that it came with. Nobody's lines fit another's digest.
"""

import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import structlog
import zstandard

from audit.actor import Actor
from audit.archive.importing import import_archive
from audit.canonical import canonical_json, clean
from audit.errors import ArchiveInvalid, ArchiveUnsigned
from audit.export.formats import as_json_lines
from audit.export.manifest import Tally
from audit.export.reading import DAMAGED, MANIFEST, PACKED, Sealed, Unfit, opened, signer_of
from audit.export.rows import Row
from audit.models import ImportedArchive, ImportedEvent

MOST = 500
"""Archives, the newest: their names must fit in a manifest."""
ROW_BYTES = 1_000
"""Of one event in such a file, at most about."""
SHARE = 0.5
"""Of the free disk, on either side, for each."""
BUDGET = 3600.0
"""Seconds to take them in; what is left then is said to be lost."""
BATCH = 1_000
NAMED = "imported"
log = structlog.get_logger(__name__)


class Named(NamedTuple):
    """One that the manifest promises."""

    digest: str
    name: str

    @property
    def member(self) -> str:
        return f"{NAMED}/{self.digest}.zip"


def promise() -> dict[str, Any]:
    """What the export's manifest says of them; nothing where there are none."""
    newest = ImportedArchive.objects.whole()[:MOST]
    named = [{"sha256": each.digest, "name": each.name} for each in newest]
    return {NAMED: named} if named else {}


def enclose(path: Path) -> None:
    """Add them to an export that promises them, as far as the disk has room."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as export:
        for archive in ImportedArchive.objects.whole()[:MOST]:
            if archive.count * ROW_BYTES > _room(path):
                log.warning("imported_archive_not_enclosed", archive=archive.pk)
                continue
            member = Named(archive.digest, archive.name).member
            with export.open(member, "w", force_zip64=True) as file:
                _seal(file, archive)


def take_out(
    path: Path, manifest: dict[str, Any], *, actor: Actor, tell: Callable[[int, int], None]
) -> int:
    """Import what the export's manifest promises and this node lacks; how many it does not get.

    ``tell`` hears how many are done, and of how many.
    """
    promised, until, lost = _promised(manifest), time.monotonic() + BUDGET, 0
    for done, named in enumerate(promised):
        tell(done, len(promised))
        if not _is_here(named) and (time.monotonic() > until or not _take(path, named, actor)):
            lost += 1
    return lost


def _is_here(named: Named) -> bool:
    return ImportedArchive.objects.whole().filter(digest=named.digest).exists()


def _take(path: Path, named: Named, actor: Actor) -> bool:
    aside = path.with_suffix(".part")
    try:
        _unpack(path, named, aside)
        _check_digest(aside, named)
        import_archive(aside, actor=actor, unsigned=True, name=named.name)
    except (ArchiveInvalid, ArchiveUnsigned, Unfit, *DAMAGED) as error:
        log.warning("imported_archive_not_taken", sha256=named.digest, problem=str(error))
        return False
    finally:
        aside.unlink(missing_ok=True)
    return True


def _unpack(path: Path, named: Named, aside: Path) -> None:
    """Raises ``Unfit`` where it is not there, or would be larger than what has arrived."""
    with zipfile.ZipFile(path) as export:
        if named.member not in export.namelist():
            raise Unfit("It is not in the export.")
        member = export.getinfo(named.member)
        if member.compress_type != zipfile.ZIP_STORED or member.file_size > _room(path):
            raise Unfit("There is not enough space for it.")
        with export.open(member) as file, aside.open("wb") as copy:
            shutil.copyfileobj(file, copy)


def _check_digest(aside: Path, named: Named) -> None:
    """The import holds the events against the manifest; here the manifest against the promise."""
    with opened(aside) as sealed:
        if sealed.manifest.get("sha256") != named.digest:
            raise Unfit("It is another archive.")


def _promised(manifest: dict[str, Any]) -> list[Named]:
    named = manifest.get(NAMED)
    each = named[:MOST] if isinstance(named, list) else []
    rows = (one for one in each if isinstance(one, dict))
    return [Named(clean(str(one.get("sha256"))), str(one.get("name"))) for one in rows]


def _room(path: Path) -> float:
    return shutil.disk_usage(path.parent).free * SHARE


def _seal(file: IO[bytes], archive: ImportedArchive) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as sealed:
        with (
            sealed.open(PACKED, "w", force_zip64=True) as member,
            zstandard.ZstdCompressor().stream_writer(member, closefd=False) as packed,
        ):
            for line in as_json_lines(_rows(archive), Tally()):
                packed.write(line)
        sealed.writestr(MANIFEST, json.dumps(_manifest(archive), ensure_ascii=False).encode())


def _manifest(archive: ImportedArchive) -> dict[str, Any]:
    """As it came; a signature that only another cluster can tell is left out."""
    sealed = Sealed(archive.manifest, ())
    try:
        signer_of(sealed)
    except Unfit:
        return {**sealed.content, "signature": None}
    return sealed.manifest


def _rows(archive: ImportedArchive) -> Iterator[Row]:
    """A few at a time, in statements of their own."""
    rows = ImportedEvent.objects.filter(archive=archive).order_by("event_id")
    after = 0
    while batch := list(rows.filter(event_id__gt=after).values_list("row", flat=True)[:BATCH]):
        yield from ({**row, "details": canonical_json(row["details"])} for row in batch)
        after = int(batch[-1]["id"])
