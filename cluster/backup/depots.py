"""Putting, listing and removing files at a destination."""

import shutil
from pathlib import Path
from typing import Protocol

from cluster.backup.destinations import Destination, Kind
from cluster.backup.rclone import RcloneDepot
from cluster.errors.backup import BackupDestinationUnusable


class Depot(Protocol):
    """One destination; every call raises ``BackupDestinationUnusable``, and is safe to repeat."""

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
            aside.touch(mode=0o600)
            shutil.copyfile(file, aside)
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

    def _unusable(self, error: OSError) -> BackupDestinationUnusable:
        return BackupDestinationUnusable(problem=f"{self._directory}: {error.strerror}.")


def open_depot(destination: Destination) -> Depot:
    """Raises ``RcloneMissing`` where it is needed and not there."""
    if destination.kind == Kind.LOCAL:
        return LocalDepot(Path(destination.settings["path"]))
    return RcloneDepot(destination)


def probe(depot: Depot, *, file: Path) -> None:
    """Put a small file there, see that it is listed, and remove it; raises
    ``BackupDestinationUnusable``.
    """
    depot.put(file)
    if file.name not in depot.names():
        raise BackupDestinationUnusable(problem="A file that was put there is not listed.")
    depot.remove(file.name)
