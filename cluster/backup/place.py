"""Where backups are on this machine: ``backup/`` in the state directory, for its owner only."""

import os
import shutil
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from cluster.backup.names import find_outdated, prefix_of, read_time

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


def find_last(cluster: str) -> Path | None:
    """The newest backup of the cluster that is on this machine."""
    prefix = prefix_of(cluster)
    made = [path for path in folder().iterdir() if read_time(path.name, prefix)]
    return max(made, default=None, key=lambda path: path.name)


def prune(cluster: str, *, keep_last: int, keep_days: int | None, now: datetime) -> None:
    """Remove what is outdated here too."""
    outdated = find_outdated(
        [path.name for path in folder().iterdir()],
        prefix=prefix_of(cluster),
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
