"""Argon2id, one password at a time, so that a rush of logins starves nobody (S48).

Each hash takes 100 MiB and every core for a tenth of a second. Twenty at once would take 2 GiB, and
whoever only wants to see a page would wait until all of them are done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.errors import TooManyLogins

MOST_WAITING = 24
"""Of this process' threads (``config.gunicorn``): agents and pages need the others."""

_turn = Lock()
_room = Semaphore(MOST_WAITING)


class PatientArgon2Hasher(Argon2PasswordHasher):
    """Takes turns; raises ``TooManyLogins`` where there is no room to wait in."""

    def encode(self, password: str, salt: str) -> str:
        with _in_turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _in_turn():
            return super().verify(password, encoded)


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _room.acquire(blocking=False):
        raise TooManyLogins()
    try:
        with _turn:
            yield
    finally:
        _room.release()
