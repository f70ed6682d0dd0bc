"""How far the trail has left its table: there the table's first event goes on."""

from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path

from django.conf import settings

from audit import reasons
from audit.chain import GENESIS
from audit.models import Archive
from audit.verification import BEGINNING, Place, Problem


def archived_until() -> int:
    """Id of the last event that an archive has; 0 for none."""
    return Archive.objects.order_by("-last_id").values_list("last_id", flat=True).first() or 0


def hash_before(event_id: int) -> str:
    """Of the event before one that is the first in the table."""
    last = Archive.objects.filter(last_id=event_id - 1).values_list("last_hash", flat=True)
    return last.first() or GENESIS


def beginning() -> Place:
    """Before the first event that is in the table for good."""
    last = Archive.objects.order_by("-last_id").first()
    return Place(last.last_id, last.last_hash) if last else BEGINNING


def directory() -> Path:
    """Where the files are."""
    return Path(settings.FLOTILLA.STATE_DIR) / "archive"


def check_file(archive: Archive) -> Problem | None:
    """Whether its file is there, and the one that was made."""
    try:
        with (directory() / archive.name).open("rb") as file:
            found = file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return Problem(archive.first_id, reasons.ARCHIVE_MISSING.format(name=archive.name))
    if found != archive.sha256:
        return Problem(archive.first_id, reasons.ARCHIVE_CHANGED.format(name=archive.name))
    return None


def find_damage(check: Callable[[Archive], Problem | None] = check_file) -> Problem | None:
    """The first archive that does not go on where the one before ended, or in which ``check`` finds
    something.
    """
    after = BEGINNING
    for archive in Archive.objects.order_by("first_id"):
        problem = _check_place(archive, after) or check(archive)
        if problem is not None:
            return problem
        after = Place(archive.last_id, archive.last_hash)
    return None


def _check_place(archive: Archive, after: Place) -> Problem | None:
    """Whether it goes on where the one before ended."""
    if (archive.first_id - 1, archive.previous_hash) == (after.checked, after.hash):
        return None
    return Problem(after.checked + 1, reasons.NOWHERE)
