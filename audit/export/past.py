"""The events that have left the table for archives, for an export of the whole trail (S59)."""

from collections.abc import Iterator, Sequence

import structlog

from audit.archived import check_file, directory
from audit.canonical import canonical_json
from audit.export.manifest import Tally
from audit.export.reading import checked_rows, opened
from audit.export.rows import Row
from audit.models import Archive

log = structlog.get_logger(__name__)


def archives_before(event_id: int) -> tuple[list[Archive], int]:
    """Oldest first, those from which the chain goes on to that event; and the id of the last event
    that is in none of them, because a file is missing or was changed.
    """
    found: list[Archive] = []
    for archive in Archive.objects.filter(last_id__lt=event_id).order_by("-last_id"):
        if problem := check_file(archive):
            log.error("audit_archive_unfit", first_bad=problem.id, problem=problem.reason)
            return found[::-1], archive.last_id
        found.append(archive)
    return found[::-1], 0


def archived_rows(archives: Sequence[Archive]) -> Iterator[Row]:
    """Every event of these files, checked; raises ``Unfit``."""
    for archive in archives:
        with opened(directory() / archive.name) as file:
            for row in checked_rows(file.lines, Tally()):
                yield {**row, "details": canonical_json(row["details"])}
