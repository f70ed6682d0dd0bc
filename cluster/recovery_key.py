"""The recovery key: made with the cluster, shown once, kept by people and not by the cluster."""

import hashlib
import hmac
import re

from joserfc.jwk import OKPKey

from cluster.errors.leadership import RecoveryKeyInvalid
from nodes.agent import signing

PREFIX = "FLTR1."
CHECK_LENGTH = 8
KEY = re.compile(r"FLTR1\.([A-Za-z0-9_-]+)\.([0-9A-Fa-f]{8})(?![A-Za-z0-9_-])")


def generate() -> tuple[str, str]:
    """The text for people, and the public half (base64url) for the cluster.

    The text is the prefix, the Ed25519 private key (32 bytes, base64url), a dot, and a checksum:
    the first 8 hexadecimal digits of the SHA-256 of the key's text.
    """
    key = signing.new_key()
    private = signing.private_text(key)
    return f"{PREFIX}{private}.{_check_of(private)}", signing.public_text(key)


def parse(text: str) -> OKPKey:
    """The key that ``generate`` wrote, wherever in ``text`` it stands: people keep what was shown
    with more around it. Raises ``RecoveryKeyInvalid``.
    """
    found = KEY.search(text)
    if found is None:
        raise RecoveryKeyInvalid(reason="there is none in it, or its end is missing.")
    private, check = found.groups()
    if not hmac.compare_digest(check.lower(), _check_of(private)):
        raise RecoveryKeyInvalid(reason="it was altered.")
    try:
        return signing.load_private(private)
    except ValueError:
        raise RecoveryKeyInvalid(reason="it has another length.") from None


def _check_of(private: str) -> str:
    return hashlib.sha256(private.encode()).hexdigest()[:CHECK_LENGTH]
