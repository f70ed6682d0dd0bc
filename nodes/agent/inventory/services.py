"""Systemd services that carry a Flotilla drop-in: seen in the file system, without asking systemd.

``/etc/systemd/system/NAME.service.d/*flotilla*.conf`` makes a service an application. Labels are
written in it as systemd lets others write: ``[X-Flotilla]``, ``Label=flotilla.role=…``.
"""

from collections.abc import Iterator
from pathlib import Path

from nodes.agent.inventory.applications import Application, make

UNITS = Path("/etc/systemd/system")
DROP_INS = "*.service.d/*flotilla*.conf"
GROUPS = (
    Path("/sys/fs/cgroup/system.slice"),
    Path("/sys/fs/cgroup/systemd/system.slice"),
    Path("/sys/fs/cgroup/unified/system.slice"),
)
"""Where systemd keeps the processes of each service, by the kind of control groups."""
SECTION = "[X-Flotilla]"
LARGEST = 64 * 1024


class Services:
    """The services of this machine."""

    def __init__(self, *, units: Path = UNITS, groups: tuple[Path, ...] = GROUPS) -> None:
        self._units = units
        self._groups = groups

    def applications(self) -> list[Application]:
        """Each service once, with the labels of all its drop-ins."""
        labels: dict[str, dict[str, str]] = {}
        for path in sorted(self._units.glob(DROP_INS)):
            name = path.parent.name.removesuffix(".d")
            labels.setdefault(name, {}).update(_labels(path))
        return [
            make("service", name, state=self._state(name), labels=labels[name])
            for name in sorted(labels)
        ]

    def _state(self, name: str) -> str:
        """``active`` while it has processes."""
        known = [group for group in self._groups if group.is_dir()]
        if not known:
            return "unknown"
        return "active" if any(_has_processes(group / name) for group in known) else "inactive"


def _has_processes(group: Path) -> bool:
    """Its own, or of a group below it."""
    try:
        return any(path.read_text().strip() for path in group.glob("**/cgroup.procs"))
    except OSError:
        return False  # it ended while we looked


def _labels(path: Path) -> dict[str, str]:
    pairs = [line.partition("=") for line in _lines(path)]
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip()}


def _lines(path: Path) -> Iterator[str]:
    """What stands behind ``Label=`` in our section."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(LARGEST).splitlines()
    except OSError:
        return
    is_ours = False
    for line in map(str.strip, lines):
        if line.startswith("["):
            is_ours = line == SECTION
        elif is_ours and line.startswith("Label="):
            yield line.removeprefix("Label=")
