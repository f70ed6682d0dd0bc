"""The recovery key: made with the cluster, shown once, kept by people and not by the cluster."""

import hashlib
import hmac

from joserfc.jwk import OKPKey

from cluster.errors import RecoveryKeyInvalid
from nodes.agent import signing

PREFIX = "FLTR1."
CHECK_LENGTH = 8


def generate() -> tuple[str, str]:
    """The text for people, and the public half (base64url) for the cluster.

    The text is the prefix, the Ed25519 private key (32 bytes, base64url), a dot, and a checksum:
    the first 8 hexadecimal digits of the SHA-256 of the key's text.
    """
    key = signing.new_key()
    private = signing.private_text(key)
    return f"{PREFIX}{private}.{_check_of(private)}", signing.public_text(key)


def parse(text: str) -> OKPKey:
    """The key that ``generate`` wrote as that text; raises ``RecoveryKeyInvalid``."""
    stripped = "".join(text.split())
    if not stripped.startswith(PREFIX):
        raise RecoveryKeyInvalid(reason="it begins otherwise.")
    private, _, check = stripped.removeprefix(PREFIX).rpartition(".")
    if not hmac.compare_digest(check.lower().encode(), _check_of(private).encode()):
        raise RecoveryKeyInvalid(reason="a part of it is missing, or was altered.")
    try:
        return signing.load_private(private)
    except ValueError:
        raise RecoveryKeyInvalid(reason="it has another length.") from None


def _check_of(private: str) -> str:
    return hashlib.sha256(private.encode()).hexdigest()[:CHECK_LENGTH]
