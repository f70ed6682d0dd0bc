"""Reading a file of a stranger's making without holding much of it."""

from io import FileIO
from pathlib import Path

MOST_AT_ONCE = 1024 * 1024
MOST = 64 * 1024 * 1024
"""Twenty thousand headers of an archive, each with a long name, are half of it."""


class Frugal(FileIO):
    """A file that refuses to be read in large pieces, in all too much of it, or where it is not.

    A tar file's headers say how long they are, and ``tarfile`` believes them. Raises ValueError.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "r")
        self._left = MOST

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes, or fewer at its end."""
        if size is None or not 0 <= size <= min(MOST_AT_ONCE, self._left):
            raise ValueError("a header is too long")
        self._left -= size
        return super().read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        """Go to a place that a file can have."""
        if whence == 0 and not 0 <= position < 1 << 62:
            raise ValueError("a header leads nowhere")
        return super().seek(position, whence)
