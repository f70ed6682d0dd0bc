"""Podman, as far as applications need it: each call is safe to repeat."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodes.agent.applications.errors import (
    ApplicationError,
    ArchiveNotFound,
    DiskFull,
    EngineFailed,
    ImageNotFound,
)
from nodes.agent.applications.tool import SECONDS, Tool, last_line

OWNER_LABEL, REVISION_LABEL = "flotilla.application", "flotilla.revision"
PULL_SECONDS = 1800.0
NO_ROOM = "no space left on device"
"""ENOSPC in podman's words, whatever the language."""
LOG_SECONDS = 5.0
"""Nobody waits longer; a line without end keeps podman busy for ever."""
STOP_SECONDS = "10"


@dataclass(frozen=True, slots=True)
class Container:
    """One container as podman sees it now."""

    is_running: bool
    pid: int
    owner: str
    """The application that it belongs to; empty for one that was not installed from here."""
    revision: int


class Podman:
    """The node's engine."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool

    def ensure_image(self, image: str, *, is_given_up: Callable[[], bool]) -> None:
        """Have the image, from its registry if need be; raises ImageNotFound, DiskFull."""
        if self._succeeds("image", "exists", image):
            return
        command = ("podman", "pull", "--quiet", image)
        try:
            self._tool.run(*command, seconds=PULL_SECONDS, is_given_up=is_given_up)
        except EngineFailed as error:
            raise _no_image(error, field="image", image=image) from error

    def load_archive(self, path: Path, *, is_given_up: Callable[[], bool]) -> str:
        """The name of the image that the archive brings.

        Raises ArchiveNotFound, ImageNotFound, DiskFull.
        """
        if not path.is_file() or path.is_symlink():
            raise ArchiveNotFound(field="archive", archive=path.name, directory=path.parent)
        command = ("podman", "load", "--quiet", "--input", str(path))
        try:
            output = self._tool.run(*command, seconds=PULL_SECONDS, is_given_up=is_given_up)
        except EngineFailed as error:
            raise _no_image(error, field="archive", image=path.name) from error
        return last_line(output).partition(": ")[2].split(",")[0]

    def name_image(self, image: str, *, name: str) -> str:
        """Give what was loaded its name here; its number, which no later image takes over."""
        self._tool.run("podman", "tag", image, name)
        return self._tool.run("podman", "image", "inspect", "--format", "{{.Id}}", image).strip()

    def find(self, name: str) -> Container | None:
        """The container of this name."""
        wanted = f"name=^{name}$"
        said = self._tool.run("podman", "ps", "--all", "--filter", wanted, "--format", "json")
        try:
            listed = json.loads(said or "[]") or []
        except ValueError as error:
            raise EngineFailed(problem="podman ps: its answer is no JSON.") from error
        return _container(listed[0]) if listed else None

    def run(self, arguments: Iterable[str]) -> None:
        """A new container in the place of the one before."""
        self._tool.run("podman", "run", *arguments)

    def start(self, name: str) -> None:
        self._tool.run("podman", "start", name)

    def stop(self, name: str) -> None:
        if self.find(name) is not None:
            self._tool.run("podman", "stop", "--time", STOP_SECONDS, name)

    def remove(self, name: str) -> None:
        """Raises EngineFailed: one that podman cannot tell of may run on."""
        if self.find(name) is not None:
            self._tool.run("podman", "rm", "--force", "--time", STOP_SECONDS, name)

    def has_volume(self, name: str) -> bool:
        """Raises EngineFailed: one that podman cannot tell of may hold somebody's data."""
        return name in self._all_volumes()

    def volumes(self, application: str) -> list[str]:
        """Those of an application."""
        of_it = f"flotilla-{application}."
        return [name for name in self._all_volumes() if name.startswith(of_it)]

    def volume_path(self, name: str) -> Path:
        said = self._tool.run("podman", "volume", "inspect", "--format", "{{.Mountpoint}}", name)
        return Path(said.strip())

    def remove_volume(self, name: str) -> None:
        if self.has_volume(name):
            self._tool.run("podman", "volume", "rm", "--force", name)

    def secrets(self, application: str) -> list[str]:
        """Those of an application."""
        listed = self._tool.run("podman", "secret", "ls", "--format", "{{.Name}}")
        return [name for name in listed.split() if name.startswith(f"flotilla-{application}.")]

    def ensure_secret(self, name: str, value: str) -> None:
        """Make this the secret of that name; the value is in no argument list."""
        self.remove_secret(name)
        self._tool.run("podman", "secret", "create", name, "-", stdin=value)

    def remove_secret(self, name: str) -> None:
        if name in self._tool.run("podman", "secret", "ls", "--format", "{{.Name}}").split():
            self._tool.run("podman", "secret", "rm", name)

    def logs(self, name: str, *, lines: int) -> str:
        command = ("podman", "logs", "--tail", str(lines), name)
        return self._tool.run(*command, seconds=LOG_SECONDS)

    def _all_volumes(self) -> list[str]:
        return self._tool.run("podman", "volume", "ls", "--format", "{{.Name}}").split()

    def _succeeds(self, *arguments: str) -> bool:
        try:
            self._tool.run("podman", *arguments, seconds=SECONDS)
        except EngineFailed:
            return False
        return True


def _no_image(error: EngineFailed, *, field: str, image: str) -> ApplicationError:
    """Why podman did not get an image; that the disk is full it says only in words."""
    problem = error.detail.removeprefix("podman pull: ").removeprefix("podman load: ")
    kind = DiskFull if NO_ROOM in problem else ImageNotFound
    return kind(field=field, image=image, problem=problem)


def _container(source: Mapping[str, Any]) -> Container:
    labels = source.get("Labels") or {}
    revision = str(labels.get(REVISION_LABEL, ""))
    return Container(
        is_running=source.get("State") == "running",
        pid=int(source.get("Pid") or 0),
        owner=str(labels.get(OWNER_LABEL, "")),
        revision=int(revision) if revision.isdigit() else 0,
    )
