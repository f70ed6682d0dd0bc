"""Who keeps containers running: systemd by Quadlet where podman has it, else the agent itself."""

from pathlib import Path
from typing import Protocol

from nodes.agent import files
from nodes.agent.applications import arguments, quadlet
from nodes.agent.applications.entries import Entries, Entry
from nodes.agent.applications.podman import Podman
from nodes.agent.applications.tool import Tool

GENERATOR = Path("/usr/lib/systemd/system-generators/podman-system-generator")
SYSTEMD = Path("/run/systemd/system")
UNITS = Path("/etc/containers/systemd")


class Supervision(Protocol):
    """Starting and stopping containers; each call is safe to repeat."""

    kind: str
    """Who keeps them running: ``systemd`` or ``agent``."""

    def start(self, entry: Entry) -> None:
        """Run this, and nothing older of the same name."""
        ...

    def stop(self, entry: Entry) -> None:
        """Stop it, and keep what it would be started with."""
        ...

    def forget(self, name: str) -> None:
        """Stop it for good."""
        ...


class OwnSupervision:
    """The agent starts what shall run and does not."""

    kind = "agent"

    def __init__(self, podman: Podman, entries: Entries) -> None:
        self._podman = podman
        self._entries = entries

    def start(self, entry: Entry) -> None:
        """What stands there already is started again, with its logs."""
        found = self._podman.find(entry.name)
        if found is None or found.revision != entry.revision:
            log = self._entries.log_path(entry.name)
            log.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            self._podman.run(arguments.run_arguments(entry, self._entries))
        elif not found.is_running:
            self._podman.start(entry.name)

    def stop(self, entry: Entry) -> None:
        self._podman.stop(entry.name)

    def forget(self, name: str) -> None:
        self._podman.remove(name)


class Quadlet:
    """A unit file an application; systemd starts it at boot, and again when it ends."""

    kind = "systemd"

    def __init__(
        self, tool: Tool, podman: Podman, entries: Entries, *, units: Path = UNITS
    ) -> None:
        self._tool = tool
        self._podman = podman
        self._entries = entries
        self._units = units

    def start(self, entry: Entry) -> None:
        """Written anew only where it differs, because systemd reads everything anew then."""
        text, path = quadlet.unit(entry, self._entries), self._path(entry.name)
        if files.read(path) == text:
            self._tool.run("systemctl", "start", _service(entry.name))
            return
        self._units.mkdir(parents=True, exist_ok=True)
        files.replace(path, text, mode=0o600)
        self._tool.run("systemctl", "daemon-reload")
        self._tool.run("systemctl", "restart", _service(entry.name))

    def stop(self, entry: Entry) -> None:
        """Without its unit: it shall not run after the next boot either."""
        self.forget(entry.name)

    def forget(self, name: str) -> None:
        if self._path(name).exists():
            self._tool.run("systemctl", "stop", _service(name))
            files.remove(self._path(name))
            self._tool.run("systemctl", "daemon-reload")
        self._podman.remove(name)

    def _path(self, name: str) -> Path:
        return self._units / f"flotilla-{name}.container"


def choose(
    tool: Tool,
    podman: Podman,
    entries: Entries,
    *,
    generator: Path = GENERATOR,
    systemd: Path = SYSTEMD,
) -> Supervision:
    """Podman 4.4 and later brings Quadlet; without systemd it is of no use."""
    if generator.exists() and systemd.is_dir():
        return Quadlet(tool, podman, entries)
    return OwnSupervision(podman, entries)


def _service(name: str) -> str:
    return f"flotilla-{name}.service"
