"""Room that is kept for the day on which the disk is full.

It is given up for those who log in to look, and for root; all else is refused until there is
space again.
"""

import os
import shutil
from pathlib import Path

from django.conf import settings

SIZE = 16 * 1024 * 1024
LOW = 4 * 1024 * 1024
"""Bytes that are free on a full disk: a change, its event and their logs need some."""
ENOUGH = 4 * SIZE
"""Free bytes from which on the room is kept (again)."""


def directory() -> Path:
    """The state directory, where SQLite's database is too."""
    return Path(settings.FLOTILLA.STATE_DIR)


def is_needed() -> bool:
    """Whether only what cannot wait may still be written."""
    return _spent().exists() or _free() < LOW


def give_up() -> None:
    """Use the room now."""
    _kept().unlink(missing_ok=True)
    _spent().touch()


def keep() -> None:
    """Keep the room, or keep it again, if the disk has enough of it, and a quota lets us."""
    if _free() < ENOUGH:
        return
    if not _kept().exists() and not _fill():
        return
    _spent().unlink(missing_ok=True)


def _fill() -> bool:
    descriptor = os.open(_kept(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb"):
        try:
            os.posix_fallocate(descriptor, 0, SIZE)
        except OSError:
            _kept().unlink()
            return False
    return True


def _kept() -> Path:
    return directory() / "audit-reserve"


def _spent() -> Path:
    return directory() / "audit-reserve-spent"


def _free() -> int:
    return shutil.disk_usage(directory()).free
