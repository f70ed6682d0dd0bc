"""What this node shall run, on disk: it outlives a reboot, and the node's membership too (S21)."""

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nodes.agent import files
from nodes.agent.applications.definition import NAME, Definition
from nodes.agent.applications.errors import ApplicationError

logger = logging.getLogger(__name__)
FILE = "definition.json"
RUNNING, STOPPED = "running", "stopped"


@dataclass(frozen=True, slots=True)
class Entry:
    """One application as this node keeps it."""

    definition: Definition
    revision: int
    """Grows with everything that is asked of the application, in the whole cluster; another cluster
    counts anew.
    """
    image: str
    """What podman runs: the definition's image, or what its archive brought."""
    wanted: str = RUNNING
    secrets: Mapping[str, str] | None = None
    """Podman's name of each variable's secret."""
    address: str = ""
    """The node's VPN address, for ports that are shown only there."""
    cluster: str = ""
    """Whose wish it was."""
    made: tuple[str, ...] = ()
    """Volumes that did not exist before, while it is not known whether the application works."""
    is_proven: bool = False
    """It was healthy once with this definition."""
    previous: "Entry | None" = None
    """What ran before, until this one is proven."""

    @property
    def name(self) -> str:
        return self.definition.name

    def is_newer(self, revision: int, *, cluster: str) -> bool:
        """Than a wish of that cluster's: one that the node has left is no measure of anything."""
        return self.cluster == cluster and self.revision > revision

    def to_json(self) -> dict[str, Any]:
        previous = self.previous.to_json() if self.previous else None
        described = asdict(replace(self, previous=None))
        return described | {"definition": self.definition.to_json(), "previous": previous}

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> "Entry":
        """Raises ApplicationError, ValueError, TypeError, KeyError."""
        previous = source["previous"]
        values = dict(source) | {
            "definition": Definition.parse(source["definition"]),
            "made": tuple(source["made"]),
            "previous": cls.from_json(previous) if previous else None,
        }
        return cls(**values)


class Entries:
    """One directory an application: its definition, and the paths that it shares with the node."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, name: str) -> Entry | None:
        """The entry of this name; a file that cannot be read counts as none, and is said."""
        if not NAME.fullmatch(name):
            return None
        text = files.read(self._directory / name / FILE)
        try:
            return None if text is None else Entry.from_json(json.loads(text))
        except (ApplicationError, ValueError, TypeError, KeyError) as error:
            logger.warning("definition_damaged", extra={"name_of": name, "detail": str(error)})
            return None

    def all(self) -> list[Entry]:
        """Every entry, by name."""
        return [entry for entry in map(self.find, self.names()) if entry is not None]

    def names(self) -> list[str]:
        """Of everything that has a definition."""
        return sorted(path.parent.name for path in self._directory.glob(f"*/{FILE}"))

    def save(self, entry: Entry) -> None:
        """Make it durable."""
        own = self._directory / entry.name
        own.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o700)  # who is root in a container may leave programs there
        files.replace(own / FILE, json.dumps(entry.to_json()), mode=0o600)

    def forget(self, name: str, *, with_paths: bool) -> None:
        """No longer run it; ``with_paths`` deletes what it kept in its own directory too."""
        own = self._directory / name
        files.remove(own / FILE) if own.is_dir() else None
        if with_paths:
            shutil.rmtree(own, ignore_errors=True)
        elif own.is_dir() and not any(own.iterdir()):
            own.rmdir()

    def log_path(self, name: str) -> Path:
        """What it says, where the machine has no journal."""
        return self._directory.parent / "log" / "applications" / f"{name}.log"

    def path(self, name: str, source: str) -> Path:
        """Where a relative path of an application lies."""
        return self._directory / name / "paths" / source
