"""Whether a name leads anywhere, asked without letting a slow DNS hold anybody up."""

import socket
import threading
from collections.abc import Callable

from django.conf import settings

TIMEOUT = 2.0
"""Seconds after which a name counts as not resolvable."""


def resolves(name: str) -> bool:
    """Whether this machine can resolve ``name`` now."""
    resolve: Callable[[str], bool] = getattr(settings, "RESOLVER", None) or _ask
    return resolve(name)


def _ask(name: str) -> bool:
    answers: list[bool] = []
    thread = threading.Thread(target=_look_up, args=(name, answers), daemon=True)
    thread.start()
    thread.join(TIMEOUT)
    return any(answers)


def _look_up(name: str, answers: list[bool]) -> None:
    try:
        answers.append(bool(socket.getaddrinfo(name, None)))
    except OSError:
        answers.append(False)
