"""Waiting, in a request, for what nodes answer to a question."""

import threading
import time
from collections.abc import Collection

from nodes.models import Command

LOOK_SECONDS = 0.1
"""Between two looks for answers."""


def await_answers(command_ids: Collection[int], *, patience: float) -> None:
    """Return when all are in, or after so many seconds."""
    until = time.monotonic() + patience
    nothing = threading.Event()  # answers arrive in the database, from whichever process
    missing = Command.objects.filter(pk__in=command_ids, acknowledged_at=None)
    while missing.exists() and time.monotonic() < until:
        nothing.wait(LOOK_SECONDS)
