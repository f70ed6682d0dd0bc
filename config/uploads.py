"""Files that people send: to disk while they arrive, for their owner only, and not endless."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    StopUpload,
    TemporaryFileUploadHandler,
)
from django.utils.translation import gettext_noop as _

from config.errors import DomainError

FORM = 64 * 1024
"""What a form takes beside its file."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class DiskFull(DomainError):
    """There was room when it began, and others have taken it, or it was never enough (507)."""

    code = "upload_disk_full"
    status = 507
    message = _("The disk of this machine has no room for the file. Make room, and send it again.")


@contextmanager
def filling_the_disk() -> Iterator[None]:
    """Raises DiskFull for what the system says of a full disk, or of a spent quota."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise DiskFull(field="file") from None


def take_room(descriptor: int, *, size: int, spare: int) -> None:
    """Have the disk keep ``size`` bytes for a file, so that those who come meanwhile find them
    taken; raises DiskFull where fewer than ``spare`` bytes would be left.
    """
    with filling_the_disk():
        os.posix_fallocate(descriptor, 0, max(1, size))
    if shutil.disk_usage(descriptor).free < spare:
        raise DiskFull(field="file")


class NoUpload(FileUploadHandler):
    """What holds for every page that says nothing else: whoever sends a file sends it to nobody.

    Forms are read before it is known who asks, so a stranger could fill the disk otherwise.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise StopUpload(connection_reset=True)  # nobody reads the rest either

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never called: no file begins."""

    def file_complete(self, file_size: int) -> None:
        """Never called: no file begins."""


class BoundedUpload(TemporaryFileUploadHandler):
    """Stops reading beyond ``limit`` bytes; what had come is removed. What says beforehand that it
    is longer is not begun. Its room is taken at once, and ``spare`` bytes stay free.
    """

    def __init__(self, request: Any = None, *, limit: int, spare: int) -> None:
        super().__init__(request)
        self.is_too_large = self.is_disk_full = False
        self._left = limit
        self._spare = spare
        self._announced = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_: Any) -> None:
        # META: Django's own name
        self._announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self._announced > self._left + FORM:
            self.is_too_large = True
            raise StopUpload(connection_reset=False)
        super().new_file(*args, **kwargs)
        with self._stopping():
            take_room(self.file.fileno(), size=self._announced, spare=self._spare)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._left -= len(raw_data)
        if self._left < 0:
            self.is_too_large = True
            self.file.close()
            raise StopUpload(connection_reset=False)  # the rest is read, or nobody would be told
        with self._stopping(), filling_the_disk():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        self.file.truncate(file_size)  # a form is longer than its file
        return super().file_complete(file_size)

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        try:
            yield
        except DiskFull:
            self.is_disk_full = True
            self.file.close()
            raise StopUpload(connection_reset=False) from None


def path_of(upload: TemporaryUploadedFile) -> Path:
    """Where it lies until the request ends."""
    return Path(upload.temporary_file_path())
