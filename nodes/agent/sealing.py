"""Sealing: what only eligible nodes may read, as an age file to their X25519 keys."""

import base64
from collections.abc import Sequence

from nodes.agent.errors import SealError


def seal(plaintext: bytes, *, recipients: Sequence[str]) -> str:
    """Encrypt to every recipient (``age1…``); raises SealError for none or a bad one."""
    import pyrage  # a megabyte that most runs of the agent never need

    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
        sealed = pyrage.encrypt(plaintext, keys)
    except (pyrage.RecipientError, pyrage.EncryptError) as error:
        raise SealError(problem=error) from error
    return base64.b64encode(sealed).decode("ascii")


def open_sealed(text: str, *, identity: str) -> bytes:
    """Decrypt with ``AGE-SECRET-KEY-1…``; raises SealError when this key is not among the
    recipients.
    """
    import pyrage

    try:
        key = pyrage.x25519.Identity.from_str(identity)
        sealed = base64.b64decode(text, validate=True)
        return bytes(pyrage.decrypt(sealed, [key]))
    except (pyrage.IdentityError, pyrage.DecryptError, ValueError) as error:
        raise SealError(problem=error) from error
