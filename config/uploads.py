"""Files that people send: to disk while they arrive, for their owner only, and not endless."""

from pathlib import Path
from typing import Any, NoReturn

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    StopUpload,
    TemporaryFileUploadHandler,
)

FORM = 64 * 1024
"""What a form takes beside its file."""


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
    is longer is not begun.
    """

    def __init__(self, request: Any = None, *, limit: int) -> None:
        super().__init__(request)
        self.is_too_large = False
        self._left = limit
        self._announced = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_: Any) -> None:
        # META: Django's own name
        self._announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self._announced > self._left + FORM:
            self.is_too_large = True
            raise StopUpload(connection_reset=False)
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._left -= len(raw_data)
        if self._left < 0:
            self.is_too_large = True
            self.file.close()
            raise StopUpload(connection_reset=False)  # the rest is read, or nobody would be told
        super().receive_data_chunk(raw_data, start)


def path_of(upload: TemporaryUploadedFile) -> Path:
    """Where it lies until the request ends."""
    return Path(upload.temporary_file_path())
