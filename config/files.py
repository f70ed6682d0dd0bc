"""Small files that must never be half-written or readable by others."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Replace ``path`` by write, fsync, rename; mode 0600."""
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
