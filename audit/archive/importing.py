"""Taking in a sealed file, to look into it: its events are never mixed with this trail's."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.canonical import UNSTORABLE, clean, leaves
from audit.errors import ArchiveInvalid, ArchiveUnsigned
from audit.export.manifest import Tally
from audit.export.reading import Sealed, Unfit, check_manifest, checked_rows, opened, signer_of
from audit.models import AuditEvent, ImportedArchive, ImportedEvent
from audit.searchable import searchable_text
from audit.services import record

BATCH = 1_000
DIGEST = re.compile("[0-9a-f]{64}")
SAME = (
    *("user", "action", "outcome", "target_kind", "target_id", "target_label", "source"),
    *("user_kind", "verified", "node", "user_agent", "interface", "request_id", "version"),
    *("term", "details", "details_salt", "details_digest", "hash"),
)
FOUND_BY = SAME[: SAME.index("user_kind")]
LONGEST = {field.name: field.max_length or 0 for field in ImportedEvent._meta.fields}
WRONG = (KeyError, TypeError, ValueError, AttributeError)


def import_archive(
    path: Path, *, actor: Actor, key: str = "", unsigned: bool = False, name: str = ""
) -> tuple[ImportedArchive, bool]:
    """Take in what fits to the last line, or nothing; and whether it is new here.

    In many transactions, so that others may write meanwhile: it is shown when all of it is there.

    ``key`` is the signer's identity key, for a file of another cluster. Raises OSError,
    ``ArchiveInvalid``, ``ArchiveUnsigned``.
    """
    try:
        with opened(path) as sealed:
            signer = signer_of(sealed, key=key)
            if signer is None and not unsigned:
                raise ArchiveUnsigned()
            known = ImportedArchive.objects.whole().filter(digest=_digest(sealed)).first()
            if known is not None:
                return known, False
            return _import(sealed, name or path.name, signer=signer, actor=actor), True
    except Unfit as unfit:
        raise ArchiveInvalid(problem=unfit) from unfit


def as_event(row: dict[str, Any]) -> AuditEvent:
    """As the page shows events; never saved. Raises KeyError, TypeError, ValueError."""
    return AuditEvent(
        id=row["id"],
        time=datetime.fromisoformat(row["time"]),
        operation=UUID(row["operation"]) if row["operation"] else None,
        **{name: row[name] for name in SAME},
    )


def _digest(sealed: Sealed) -> str:
    digest = sealed.manifest.get("sha256")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise Unfit("The manifest names no sha256.")
    return digest


def _import(sealed: Sealed, name: str, *, signer: int | None, actor: Actor) -> ImportedArchive:
    archive = _begin(sealed, name, signer=signer)
    with ExitStack() as undone:
        undone.callback(_forget, archive)
        tally = _take_rows(archive, sealed)
        undone.pop_all()
    _end(archive, tally, actor=actor)
    return archive


def _begin(sealed: Sealed, name: str, *, signer: int | None) -> ImportedArchive:
    """What a crash has left of the same is done again."""
    for left in ImportedArchive.objects.filter(digest=_digest(sealed)):
        _forget(left)
    return ImportedArchive.objects.create(
        digest=_digest(sealed),
        name=clean(name)[:255],
        signer=signer,
        manifest=sealed.manifest,
        count=0,
        imported_at=timezone.now(),
        is_whole=False,
    )


def _take_rows(archive: ImportedArchive, sealed: Sealed) -> Tally:
    tally = Tally()
    rows = checked_rows(sealed.lines, tally)
    while batch := [_imported(archive, row) for row in islice(rows, BATCH)]:
        ImportedEvent.objects.bulk_create(batch)
        archive.first_time = archive.first_time or batch[0].time
        archive.last_time = batch[-1].time
    check_manifest(sealed, tally)
    return tally


@transaction.atomic
def _end(archive: ImportedArchive, tally: Tally, *, actor: Actor) -> None:
    archive.count, archive.is_whole = tally.count, True
    archive.save()
    record(
        AuditAction.AUDIT_IMPORTED,
        actor=actor,
        target=Target(kind="archive", id=archive.digest, label=archive.name),
        details={"events": tally.count, "signed_by": archive.signer, "sha256": archive.digest},
    )


def _forget(archive: ImportedArchive) -> None:
    events = ImportedEvent.objects.filter(archive=archive).order_by("pk")
    while ids := list(events.values_list("pk", flat=True)[:BATCH]):
        events.filter(pk__lte=ids[-1]).delete()
    archive.delete()


def _imported(archive: ImportedArchive, row: dict[str, Any]) -> ImportedEvent:
    """Raises ``Unfit``: what fits its own digests may still be no event."""
    try:
        event = as_event(row)
        _check_storable(row, event)
        values = {name: getattr(event, name) for name in FOUND_BY}
        text = searchable_text(event)
    except (*WRONG, OverflowError, RecursionError) as error:
        raise Unfit(f"Event {row['id']} is no event: {error}.") from error
    return ImportedEvent(
        archive=archive,
        event_id=event.pk,
        time=event.time,
        operation=event.operation,
        search_text=text,
        row=row,
        **values,
    )


def _check_storable(row: dict[str, Any], event: AuditEvent) -> None:
    """As every database would have it; raises TypeError, ValueError, OverflowError."""
    event.time.astimezone(UTC)
    fits = isinstance(event.details, dict) and event.time.tzinfo is not None
    for name in FOUND_BY:
        value = getattr(event, name)
        fits = fits and isinstance(value, str) and len(value) <= LONGEST[name]
    if not fits or any(UNSTORABLE.search(text) for text in leaves(row)):
        raise ValueError("a value is none of its field")
