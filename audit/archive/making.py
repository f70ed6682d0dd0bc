"""Moving the oldest events into a sealed file.

The file is written aside, read back and renamed; one transaction then takes it into the list of
archives, from where the events it has are no longer shown; they leave the table an hour later. So
after a crash at any point each event is in the table, or in an archive, or in both and shown once.
"""

import fcntl
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Any

import structlog
import zstandard
from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.archive.retention import last_due
from audit.archived import archived_until, beginning, check_file, directory
from audit.errors import ArchiveFailed
from audit.export.check import check_export
from audit.export.formats import as_json_lines
from audit.export.manifest import ARCHIVE, Tally, make_manifest
from audit.export.reading import MANIFEST, PACKED
from audit.export.rows import all_rows
from audit.models import Archive, AuditEvent, AuditHead, Checkpoint, Retention
from audit.search.question import Span
from audit.services import head, record
from audit.surroundings import custodian

LARGEST = 20_000
"""Events in one file."""
LINGER = timedelta(hours=1)
"""Whoever began to read the trail before it was archived may go on so long."""
AT_ONCE = 5_000
"""Events that leave the table in one transaction."""
TURN = timedelta(hours=3)
"""Since midnight (UTC): after it the day's files are made, while few people are at it."""
log = structlog.get_logger(__name__)


def is_due() -> bool:
    """Once a day, after three o'clock (UTC), where people have decided that events move; and while
    a full file was not all.
    """
    newest = Archive.objects.order_by("-last_id").first()
    if newest is None or newest.last_id - newest.first_id + 1 == LARGEST:
        return Retention.objects.exists()
    now = timezone.now()
    turn = (now - TURN).replace(hour=0, minute=0, second=0, microsecond=0) + TURN
    has_been = turn <= newest.made_at <= now  # a clock may have been wrong before
    return not has_been and Retention.objects.exists()


def archive_next(*, actor: Actor) -> Archive | None:
    """Seal the oldest events that have stayed long enough, at most one file of them.

    None where there are none, and while another run is at it. Raises ``AgentUnavailable``: an
    archive is always signed; and ``ArchiveFailed``.
    """
    try:
        directory().mkdir(mode=0o700, exist_ok=True)
        with _alone() as is_alone:
            return _archive(actor) if is_alone else None
    except OSError as error:
        raise ArchiveFailed(problem=error.strerror or error) from error


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else archives: two would write, and rename, the same file."""
    descriptor = os.open(directory(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def _archive(actor: Actor) -> Archive | None:
    first, last = archived_until() + 1, last_due()
    if not last:
        return None
    span = Span(first, min(last, first + LARGEST - 1))
    return _take_in(_write(span), span, actor=actor)


def purge() -> None:
    """Take out of the table what archives have had for a while, and have to this day."""
    first = AuditEvent.objects.order_by("id").values_list("id", flat=True).first() or 0
    for archive in Archive.objects.filter(last_id__gte=first).order_by("first_id"):
        if archive.made_at > timezone.now() - LINGER:
            return
        if problem := check_file(archive):
            log.error("audit_archive_unfit", first_bad=problem.id, problem=problem.reason)
            return
        _let_go(archive.last_id)


def _let_go(last: int) -> None:
    Checkpoint.objects.filter(count__lt=last).delete()
    while ids := list(_oldest(last)):
        AuditEvent.objects.filter(id__gte=ids[0], id__lte=ids[-1])._raw_delete("default")


def _oldest(last: int) -> Any:
    archived = AuditEvent.objects.filter(id__lte=last).order_by("id")
    return archived.values_list("id", flat=True)[:AT_ONCE]


def _write(span: Span) -> Path:
    """Aside, durably, read back, and only then under its name."""
    path = directory() / f"audit-{span.low:012}-{span.high:012}.zip"
    aside = path.with_suffix(".new")
    try:
        with aside.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            _seal(file, span)
            file.flush()
            os.fsync(file.fileno())
        _read_back(aside, span)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    _sync(path.parent)
    return path


def _seal(file: Any, span: Span) -> None:
    tally, before = Tally(), beginning()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as sealed:
        with (
            sealed.open(PACKED, "w", force_zip64=True) as member,
            zstandard.ZstdCompressor(level=9).stream_writer(member, closefd=False) as packed,
        ):
            for line in as_json_lines(all_rows(span), tally):
                packed.write(line)
        about = {
            "archived_at": timezone.now().isoformat(),
            "node": custodian().trail,
            "previous": {"id": before.checked, "hash": before.hash},
            "trail": head(),
        }
        manifest = make_manifest(tally, about=about, form=ARCHIVE, must_sign=True)
        sealed.writestr(MANIFEST, manifest)


def _read_back(path: Path, span: Span) -> None:
    """As whoever opens it one day; raises ``ArchiveFailed``."""
    checked = check_export(path)
    if checked.problem or checked.events != span.size or checked.signer is None:
        raise ArchiveFailed(problem=checked.problem or f"It has only {checked.events} events.")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)


@transaction.atomic
def _take_in(path: Path, span: Span, *, actor: Actor) -> Archive:
    """From here on the trail goes on behind it; whoever made one meanwhile is refused by the
    database.
    """
    AuditHead.objects.select_for_update().get()
    before = beginning()
    ends = AuditEvent.objects.in_bulk([span.low, span.high])
    first, last = ends[span.low], ends[span.high]
    with path.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    made = Archive.objects.create(
        first_id=span.low,
        last_id=span.high,
        first_time=first.time,
        last_time=last.time,
        previous_hash=before.hash,
        last_hash=last.hash,
        name=path.name,
        sha256=sha256,
        bytes=path.stat().st_size,
        made_at=timezone.now(),
    )
    record(
        AuditAction.AUDIT_ARCHIVED,
        actor=actor,
        target=Target(kind="archive", id=str(made.pk), label=made.name),
        details={"from": span.low, "to": span.high, "sha256": sha256},
    )
    return made
