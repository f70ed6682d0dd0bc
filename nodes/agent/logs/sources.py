"""What there is to read on this machine."""

from dataclasses import dataclass
from pathlib import Path

JOURNAL = Path("/run/systemd/journal/socket")
FILES = (Path("/var/log/syslog"), Path("/var/log/messages"))
PLUGINS = ("/usr/lib/*/rsyslog", "/usr/lib64/rsyslog", "/usr/lib/rsyslog")


@dataclass(frozen=True, slots=True)
class Sources:
    """The journal, or the file that the machine's own syslog writes, or neither."""

    journal: bool
    file: Path | None = None


def find_sources(*, journal: Path = JOURNAL, files: tuple[Path, ...] = FILES) -> Sources:
    """The journal first: it has everything, with the unit that each line is of."""
    if has_journal(journal):
        return Sources(journal=True)
    return Sources(journal=False, file=next((path for path in files if path.is_file()), None))


def has_journal(socket: Path = JOURNAL) -> bool:
    """Whether journald runs here; podman, too, writes to it then."""
    return socket.exists()


def has_plugin(name: str, *, root: Path = Path("/")) -> bool:
    """Whether rsyslog's own package, or another, has brought this plugin."""
    return any(any(root.glob(f"{place[1:]}/{name}.so")) for place in PLUGINS)
