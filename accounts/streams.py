"""Answers that take long end when whoever asked may no longer be answered."""

import time
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

from accounts.services.credentials import Credential

LOOK_SECONDS = 2
"""How old a look may be before the next piece leaves; 5 seconds are promised."""


class StreamCut(ConnectionAbortedError):
    """The session or token that a stream was begun with has ended; what was sent is not whole."""


def guard(response: StreamingHttpResponse, *, credential: Credential) -> None:
    """Cut the rest of ``response`` off as soon as ``credential`` is worth nothing any more."""
    response.streaming_content = _while_good(iter(response), credential)


def _while_good(pieces: Iterable[bytes], credential: Credential) -> Iterator[bytes]:
    looked = time.monotonic()
    for piece in pieces:
        if time.monotonic() - looked > LOOK_SECONDS:
            if not credential.is_good():
                raise StreamCut("whoever asked for this was logged out meanwhile")
            looked = time.monotonic()
        yield piece
