"""Image archives that the leader holds ready for this node: fetched piece by piece, and checked."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from nodes.agent import checks
from nodes.agent.applications.errors import DiskShort, ImageNotFetched, Superseded

PIECE = 4 * 1024 * 1024
"""Bytes of each piece but the last."""
ROOM = 3
"""How many times its size an archive takes until its layers are unpacked."""
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be fetched."""

    sha256: str
    size: int

    @classmethod
    def parse(cls, source: Mapping[str, Any]) -> "Parcel":
        """Raises ValueError."""
        size = checks.member(source, "size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 < size < 2**40:
            raise ValueError("size is no number of bytes")
        return cls(checks.matching(source, "sha256", checks.FINGERPRINT), size)


class Pieces(Protocol):
    """The leader, as far as archives are concerned; safe to repeat."""

    def __call__(self, sha256: str, *, number: int) -> bytes:
        """One of its pieces, from 0; raises ImageNotFetched."""
        ...


class Freight:
    """Brings archives into a directory; none stays there."""

    def __init__(self, directory: Path, *, pieces: Pieces) -> None:
        self._directory = directory
        self._pieces = pieces
        for left in directory.glob("*.part"):  # the agent was ended in the middle of it
            left.unlink()

    @contextmanager
    def fetched(
        self, parcel: Parcel, *, says: Callable[[str], None], is_given_up: Callable[[], bool]
    ) -> Iterator[Path]:
        """The archive, until the caller is done with it.

        Raises DiskShort, ImageNotFetched, Superseded.
        """
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        free = shutil.disk_usage(self._directory).free
        if parcel.size * ROOM > free:
            raise DiskShort(needed=parcel.size * ROOM // MEGABYTE, free=free // MEGABYTE)
        path = self._directory / f"{parcel.sha256}.part"
        try:
            self._fetch(parcel, path, says=says, is_given_up=is_given_up)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _fetch(
        self,
        parcel: Parcel,
        path: Path,
        *,
        says: Callable[[str], None],
        is_given_up: Callable[[], bool],
    ) -> None:
        digest, told, numbers = hashlib.sha256(), -1, count()
        with path.open("wb") as file:
            while file.tell() < parcel.size:
                if is_given_up():
                    raise Superseded
                told = _tell(file.tell(), parcel.size, told=told, says=says)
                piece = self._pieces(parcel.sha256, number=next(numbers))
                if not piece or file.tell() + len(piece) > parcel.size:
                    raise ImageNotFetched(problem="the leader has another file than it says.")
                file.write(piece)
                digest.update(piece)
        if digest.hexdigest() != parcel.sha256:
            raise ImageNotFetched(problem="what arrived is not what was sent.")


def _tell(done: int, size: int, *, told: int, says: Callable[[str], None]) -> int:
    """How far it is, in tenths: each word of it goes to the leader at once."""
    tenths = 10 * done // size
    if tenths != told:
        says(f"Fetching the image from the leader: {10 * tenths} % of {size // MEGABYTE + 1} MB.")
    return tenths
