"""Where a node keeps its things, unless ``FLOTILLA_STATE_DIR`` says otherwise."""

from pathlib import Path

INSTALLED = Path("/var/lib/flotilla")
PROJECT = Path(__file__).resolve().parents[2]


def default_state_dir() -> Path:
    """The system's place, or the clone's own ``var`` where only ``make run`` was used."""
    of_clone = PROJECT / "var"
    return of_clone if of_clone.is_dir() and not INSTALLED.is_dir() else INSTALLED
