"""Image archives that were sent here: kept until a node has fetched them, and for a day at most."""

import hashlib
import re
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

from audit import reserve
from cluster.applications.frugal import Frugal
from cluster.errors.applications import (
    ImageUploadInvalid,
    ImageUploadNotFound,
    ImageUploadTooLarge,
)
from cluster.models import Operation
from cluster.models.operation import OperationQuerySet
from config import strict_json
from config.uploads import filling_the_disk, take_room
from nodes.agent.applications.definition import IMAGE
from nodes.agent.applications.freight import MEGABYTE, PIECE

LARGEST = 16 * 1024 * MEGABYTE
SECONDS = 24 * 3600
DIGEST = re.compile(r"[0-9a-f]{64}")
CHUNK = 1024 * 1024
MOST_MEMBERS = 20_000
DOCKER, OCI = "manifest.json", "index.json"
OCI_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
NOT_ONE = "It is no image archive. Make one by: podman save --output site.tar IMAGE"
COMPRESSED = "It is compressed. Unpack it first: gunzip site.tar.gz"


@dataclass(frozen=True, slots=True)
class Upload:
    """One archive; it is known by its digest."""

    sha256: str
    size: int
    image: str
    """What it calls its image; empty where it does not."""


def directory() -> Path:
    """Where they are, for this service alone."""
    return Path(settings.FLOTILLA.STATE_DIR) / "uploads"


def room() -> int:
    """How many bytes an archive may have now: it must leave the leader room to work in."""
    free = shutil.disk_usage(settings.FLOTILLA.STATE_DIR).free
    return max(0, min(LARGEST, free // 2 - reserve.ENOUGH))


@contextmanager
def receiving(read: Callable[[int], bytes], *, size: int) -> Iterator[Path]:
    """A file with what ``read`` gives, until the caller is done with it.

    Raises ImageUploadTooLarge before anything is stored, DiskFull where others take the room at
    the same time, and ImageUploadInvalid where it ends early.
    """
    check_room(size)
    path = _made() / f".{uuid4()}.part"
    try:
        with path.open("xb") as file:
            take_room(file.fileno(), size=size, spare=reserve.ENOUGH)
            _receive(file, read, size=size)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _receive(file: BinaryIO, read: Callable[[int], bytes], *, size: int) -> None:
    """Raises DiskFull, ImageUploadInvalid."""
    left = size
    while left and (chunk := read(min(CHUNK, left))):
        with filling_the_disk():
            _write(file, chunk)
        left -= len(chunk)
    if left:
        raise ImageUploadInvalid(field="file", problem="It ended too early.")


def _write(file: BinaryIO, chunk: bytes) -> None:
    file.write(chunk)
    file.flush()  # closing the file fails nowhere else


def check_room(size: int) -> None:
    """Raises ImageUploadTooLarge."""
    most = room()
    if size > most:
        raise ImageUploadTooLarge(field="file", limit=most // MEGABYTE)


def keep(path: Path) -> Upload:
    """A file of this disk, if it is an image archive; raises ImageUploadInvalid, DiskFull."""
    image = read_name(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    kept, linked = _made() / f"{sha256}.tar", _made() / f".{uuid4()}.part"
    with filling_the_disk():
        linked.hardlink_to(path)
    linked.touch()
    linked.replace(kept)  # a node that is fetching the same archive never misses it
    return Upload(sha256, kept.stat().st_size, image)


def find(sha256: str) -> Upload:
    """Raises ImageUploadNotFound."""
    path = _path(sha256)
    return Upload(sha256, path.stat().st_size, read_name(path))


def read_piece(sha256: str, *, number: int) -> bytes:
    """One of its pieces, from 0; raises ImageUploadNotFound."""
    with _path(sha256).open("rb") as file:
        file.seek(number * PIECE)
        return file.read(PIECE)


def installing(sha256: str) -> OperationQuerySet:
    """What wants it now."""
    return Operation.objects.open().filter(parameters__upload__sha256=sha256)


def forget_unwanted(sha256: str) -> None:
    """Let go of an archive when nothing installs it any more."""
    if not installing(sha256).exists():
        (directory() / f"{sha256}.tar").unlink(missing_ok=True)


def forget_stale() -> None:
    """What nobody has installed within a day, and what a killed process was receiving."""
    oldest = time.time() - SECONDS
    for path in directory().glob("*"):
        with suppress(FileNotFoundError):  # it was received, or its node has it
            if path.stat().st_mtime < oldest:
                path.unlink()


def read_name(path: Path) -> str:
    """What an archive calls its image; raises ImageUploadInvalid for what is none."""
    try:
        with Frugal(path) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            return _name_in(tar)
    except (tarfile.TarError, ValueError, EOFError, RecursionError):
        problem = COMPRESSED if _is_gzip(path) else NOT_ONE
        raise ImageUploadInvalid(field="file", problem=problem) from None


def _name_in(tar: tarfile.TarFile) -> str:
    for number, member in enumerate(tar):
        if number > MOST_MEMBERS:
            break
        if member.name.removeprefix("./") in (DOCKER, OCI) and member.isreg():
            content = tar.extractfile(member)
            described = strict_json.loads(content.read(CHUNK) if content else b"")
            return _named(described)
    raise ValueError("there is no manifest")


def _named(described: object) -> str:
    """By ``docker-archive``, or by an index of OCI; raises ValueError."""
    listed = described.get("manifests") if isinstance(described, dict) else described
    first = listed[0] if isinstance(listed, list) and listed else None
    if not isinstance(first, dict):
        raise ValueError("there is no image")
    if isinstance(described, list):
        names = first.get("RepoTags")
    else:
        notes = first.get("annotations")
        names = [notes.get(name) for name in OCI_NAMES] if isinstance(notes, dict) else []
    tags = names if isinstance(names, list) else []
    return next((tag for tag in tags if isinstance(tag, str) and IMAGE.fullmatch(tag)), "")


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _made() -> Path:
    made = directory()
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def _path(sha256: str) -> Path:
    path = directory() / f"{sha256}.tar"
    if not DIGEST.fullmatch(sha256) or not path.is_file():
        raise ImageUploadNotFound(field="upload")
    return path
