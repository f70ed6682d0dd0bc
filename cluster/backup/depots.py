"""Putting, listing and removing files at a destination."""

import os
import shutil
from pathlib import Path
from typing import Protocol

from cluster.backup.destinations import Destination, Kind
from cluster.backup.rclone import SECONDS, RcloneDepot
from cluster.errors.backup import BackupDestinationFailed


class Depot(Protocol):
    """One destination; every call raises ``BackupDestinationFailed``, and is safe to repeat."""

    def put(self, file: Path) -> None:
        """Make it have this file, whole, by its name."""
        ...

    def names(self) -> list[str]: ...

    def remove(self, name: str) -> None: ...


class LocalDepot:
    """A directory of this machine: a mounted disk, a share."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, file: Path) -> None:
        aside = self._directory / f".{file.name}.partial"
        try:
            aside.unlink(missing_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as copy, file.open("rb") as source:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(descriptor)
            aside.replace(self._directory / file.name)
        except OSError as error:
            raise self._unusable(error) from None

    def names(self) -> list[str]:
        try:
            return [entry.name for entry in self._directory.iterdir() if entry.is_file()]
        except OSError as error:
            raise self._unusable(error) from None

    def remove(self, name: str) -> None:
        try:
            (self._directory / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> BackupDestinationFailed:
        """The place is named by whoever tells."""
        return BackupDestinationFailed(problem=f"{error.strerror}.")


def open_depot(destination: Destination, *, seconds: float = SECONDS) -> Depot:
    """``seconds`` is what rclone may take for a call; raises ``RcloneMissing`` where it is needed
    and not there.
    """
    if destination.kind == Kind.LOCAL:
        return LocalDepot(Path(destination.settings["path"]))
    return RcloneDepot(destination, seconds=seconds)


def probe(depot: Depot, *, file: Path) -> None:
    """Put a small file there, see that it is listed, and remove it; raises
    ``BackupDestinationFailed``.
    """
    depot.put(file)
    if file.name not in depot.names():
        raise BackupDestinationFailed(problem="A file that was put there is not listed.")
    depot.remove(file.name)
