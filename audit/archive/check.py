"""Reading every archive to its end, and naming the first event that is not as it was archived."""

from audit import reasons
from audit.archived import directory, find_damage
from audit.export.check import check_export
from audit.models import Archive
from audit.verification import Problem


def find_damaged_event() -> Problem | None:
    """The first, in the order of the trail."""
    return find_damage(_read)


def _read(archive: Archive) -> Problem | None:
    try:
        checked = check_export(directory() / archive.name)
    except FileNotFoundError:
        return Problem(archive.first_id, reasons.ARCHIVE_MISSING.format(name=archive.name))
    size = archive.last_id - archive.first_id + 1
    if not checked.problem and (checked.events, checked.last_hash) == (size, archive.last_hash):
        return None
    event = archive.first_id + min(checked.events, size - 1)
    return Problem(event, reasons.ARCHIVED_OTHERWISE.format(name=archive.name))
