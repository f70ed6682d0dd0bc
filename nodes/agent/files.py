"""Files that survive a power cut: written aside, synced, renamed, and the directory synced."""

import contextlib
import os
import secrets
from pathlib import Path


def replace(path: Path, content: str, *, mode: int) -> None:
    """Put ``content`` at ``path`` so that a reader sees the old or the new text, whole, and never
    neither.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def remove(path: Path) -> None:
    """Remove the file, if it is there, for good."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
        sync_directory(path.parent)


def remove_unfinished(path: Path) -> None:
    """Remove what a power cut has left of writing this file."""
    for aside in path.parent.glob(f".{path.name}.*"):
        remove(aside)


def read(path: Path) -> str | None:
    """The text of the file, or None where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
