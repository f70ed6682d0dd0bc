"""The node's three keys: made here on first need, 0600, and never sent anywhere."""

import base64
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from joserfc.jwk import OKPKey

from nodes.agent import files, signing
from nodes.agent.encoding import KEY_BYTES


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The public halves, in the spelling of the state document."""

    identity_key: str
    sealing_key: str
    wireguard_key: str


class Keys:
    """The private halves in one directory."""

    def __init__(self, directory: Path) -> None:
        self.wireguard_path = directory / "wireguard.key"
        self._identity_path = directory / "identity.key"
        self._sealing_path = directory / "sealing.key"
        self._lock = threading.RLock()

    def renew(self) -> None:
        """Forget all three; new ones are made on first need."""
        with self._lock:
            for path in (self._identity_path, self._sealing_path, self.wireguard_path):
                files.remove(path)
            for name in ("identity", "public", "wireguard_public"):
                vars(self).pop(name, None)

    @cached_property
    def identity(self) -> OKPKey:
        """The Ed25519 key that signs."""
        return signing.load_private(self._ensure(self._identity_path, _new_identity))

    @property
    def sealing(self) -> str:
        """The age identity that opens what is sealed."""
        return self._ensure(self._sealing_path, _new_sealing).splitlines()[-1]

    @cached_property
    def public(self) -> PublicKeys:
        """All three public halves; makes the keys that are missing."""
        return PublicKeys(
            identity_key=signing.public_text(self.identity),
            sealing_key=self._sealing_public,
            wireguard_key=self.wireguard_public,
        )

    @cached_property
    def wireguard_public(self) -> str:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        raw = base64.b64decode(self._ensure(self.wireguard_path, _new_wireguard))
        public = X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
        return base64.b64encode(public).decode("ascii")

    @property
    def _sealing_public(self) -> str:
        return self._ensure(self._sealing_path, _new_sealing).splitlines()[0].split()[-1]

    def _ensure(self, path: Path, make: Callable[[], str]) -> str:
        with self._lock:
            text = files.read(path)
            if text is None:
                text = make()
                path.parent.mkdir(parents=True, exist_ok=True)
                files.replace(path, text + "\n", mode=0o600)
            return text.strip()


def _new_identity() -> str:
    return signing.private_text(signing.new_key())


def _new_sealing() -> str:
    """As ``age-keygen``: the public half in a comment, where it costs no library to read."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return f"# public key: {identity.to_public()}\n{identity}"


def _new_wireguard() -> str:
    """As ``wg genkey``: 32 random bytes, clamped for X25519 (RFC 7748)."""
    raw = bytearray(os.urandom(KEY_BYTES))
    raw[0] &= 248
    raw[31] = raw[31] & 127 | 64
    return base64.b64encode(raw).decode("ascii")
