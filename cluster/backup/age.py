"""Sealing by a password: an ordinary age file, so that the ordinary ``age -d`` opens it too.

The key stretching (scrypt) takes a second or more, and up to a gigabyte of memory: only jobs, in
processes of their own, call this.
"""

import pyrage

from cluster.backup.archive import BLOCK
from cluster.errors.backup import (
    BackupDamaged,
    BackupForeign,
    BackupPasswordWrong,
    BackupTruncated,
)

INTRODUCTION = b"age-encryption.org/v1\n"
STRETCHED = b"-> scrypt "
END_OF_HEADER = b"\n--- "
NONCE, TAG = 16, 16
WRONG_PASSWORD = "Decryption failed"  # noqa: S105 - what pyrage says of one


def seal(plaintext: bytes, *, password: str) -> bytes:
    """An age file."""
    return bytes(pyrage.passphrase.encrypt(plaintext, password))


def open_sealed(raw: bytes, *, password: str) -> bytes:
    """What ``seal`` was given.

    Raises ``BackupForeign``, ``BackupPasswordWrong``, ``BackupTruncated`` or ``BackupDamaged``.
    """
    _check_header(raw)
    try:
        return bytes(pyrage.passphrase.decrypt(raw, password))
    except pyrage.DecryptError as error:
        if str(error) == WRONG_PASSWORD:
            raise BackupPasswordWrong(field="password") from None
        if not _is_whole(raw):
            raise BackupTruncated(field="file") from None
        raise BackupDamaged(field="file", problem="its seal is broken.") from None


def _check_header(raw: bytes) -> None:
    """Whether it is a file of age at all, and sealed by a password."""
    if raw and INTRODUCTION.startswith(raw[: len(INTRODUCTION)]) and len(raw) < len(INTRODUCTION):
        raise BackupTruncated(field="file")
    if not raw.startswith(INTRODUCTION):
        raise BackupForeign(field="file", problem="it is no age file.")
    if END_OF_HEADER not in raw:
        raise BackupTruncated(field="file")
    if not raw[len(INTRODUCTION) :].startswith(STRETCHED):
        raise BackupForeign(field="file", problem="it is not sealed by a password.")


def _is_whole(raw: bytes) -> bool:
    """By its length: what was sealed is a number of whole blocks."""
    end = raw.find(b"\n", raw.index(END_OF_HEADER) + 1)
    payload = len(raw) - end - 1 - NONCE
    return end > 0 and payload > 0 and payload % (BLOCK + TAG) == 0
