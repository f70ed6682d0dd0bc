"""Where backups are on this machine: ``backup/`` in the state directory, for its owner only."""

import os
import shutil
from datetime import datetime
from itertools import chain
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from cluster.backup.names import find_newest, find_outdated

RESTORED = "restored"
"""What a restored backup held beside the cluster's state: certificates, the audit trail."""


def folder() -> Path:
    return _ensure(Path(settings.STATE_DIR) / "backup")


def work_of(operation: UUID) -> Path:
    """Where the jobs of an operation are."""
    return _ensure(_ensure(folder() / "work") / str(operation))


def restored_by(operation: UUID) -> Path:
    return _ensure(_ensure(Path(settings.STATE_DIR) / RESTORED) / str(operation))


def clear_work(operation: UUID) -> None:
    shutil.rmtree(folder() / "work" / str(operation), ignore_errors=True)


def clear_restored(operation: UUID) -> None:
    shutil.rmtree(Path(settings.STATE_DIR) / RESTORED / str(operation), ignore_errors=True)


def find_work() -> list[Path]:
    """The folders of all operations whose work is here, of ended ones too."""
    return list(Path(settings.STATE_DIR).glob("backup/work/*-*"))


def clear_leftovers(before: datetime) -> None:
    """What a crash has left, half written or in the clear, before that time."""
    state = Path(settings.STATE_DIR)
    left = ("backup/.*.partial", f"{RESTORED}/*/*.result", f"{RESTORED}/*/.*.partial")
    for path in chain.from_iterable(map(state.glob, left)):
        if path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)


def find_last(prefix: str) -> Path | None:
    """The newest backup of this name that is on this machine."""
    names = [path.name for path in folder().iterdir()]
    newest = find_newest(names, prefix=prefix, now=timezone.now())
    return folder() / newest if newest else None


def prune(prefix: str, *, keep_last: int, keep_days: int | None, now: datetime) -> None:
    """Remove what is outdated here too."""
    outdated = find_outdated(
        [path.name for path in folder().iterdir()],
        prefix=prefix,
        keep_last=keep_last,
        keep_days=keep_days,
        now=now,
    )
    for name in outdated:
        (folder() / name).unlink(missing_ok=True)


def give_to_owner(path: Path) -> None:
    """What root's command makes belongs to whom the state directory belongs."""
    owner = Path(settings.STATE_DIR).stat()
    if os.geteuid() == 0 and (path.stat().st_uid, path.stat().st_gid) != (
        owner.st_uid,
        owner.st_gid,
    ):
        os.chown(path, owner.st_uid, owner.st_gid)


def _ensure(path: Path) -> Path:
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        give_to_owner(path)
    return path
