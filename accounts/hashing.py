"""Argon2id, one password at a time, so that a rush of logins starves nobody (S48).

Each hash takes 100 MiB and every core for a tenth of a second. Twenty at once would take 2 GiB, and
whoever only wants to see a page would wait until all of them are done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock, Semaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.errors import TooManyLogins

MOST_WAITING = 24
"""Of this process' threads (``config.gunicorn``): agents and pages need the others."""

KEPT = 4
"""Of these, what strangers do not get: from a dozen addresses they could fill all the rest."""

_turn = Lock()
_room = Semaphore(MOST_WAITING - KEPT)
_kept = Semaphore(KEPT)
_is_stranger: ContextVar[bool] = ContextVar("is_stranger", default=False)


class PatientArgon2Hasher(Argon2PasswordHasher):
    """Takes turns; raises ``TooManyLogins`` where there is no room to wait in."""

    def encode(self, password: str, salt: str) -> str:
        with _in_turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _in_turn():
            return super().verify(password, encoded)


@contextmanager
def as_stranger(is_stranger: bool) -> Iterator[None]:
    """What is hashed meanwhile is hashed for nobody who is known here."""
    before = _is_stranger.set(is_stranger)
    try:
        yield
    finally:
        _is_stranger.reset(before)


@contextmanager
def _in_turn() -> Iterator[None]:
    room = _enter()
    try:
        with _turn:
            yield
    finally:
        room.release()


def _enter() -> Semaphore:
    """Take the first place that is free."""
    for room in (_room,) if _is_stranger.get() else (_room, _kept):
        if room.acquire(blocking=False):
            return room
    raise TooManyLogins()
