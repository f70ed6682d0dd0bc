"""An authenticator and its browser in software: ES256, no attestation (W3C WebAuthn, level 3)."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT = 0x01
VERIFIED = 0x04
ATTESTED = 0x40
HOST = "node1.example.org"
ORIGIN = f"https://{HOST}"


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(f"{text}===")


@dataclass
class SoftwarePasskey:
    """One key pair; every part of what it says can be told to be wrong."""

    count: int = 0
    """What it says next; nought is said again and again."""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    spoil: Callable[[bytes], bytes] = bytes
    """What becomes of the authenticator's data when a key is made."""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any], **wrong: Any) -> str:
        """The browser's answer to a question for a new passkey."""
        rp_id = wrong.get("rp_id", options["rp"]["id"])
        data = self._data(rp_id, flags=PRESENT | VERIFIED | ATTESTED) + self._attested()
        data = self.spoil(data)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = {
            "clientDataJSON": self._client_data("webauthn.create", options, **wrong),
            "attestationObject": encode(attestation),
            "transports": ["internal", "hybrid"],
        }
        return self._answer(said)

    def get(self, options: dict[str, Any], **wrong: Any) -> str:
        """The browser's answer to a question for a proof."""
        flags = wrong.get("flags", PRESENT | VERIFIED)
        data = self._data(wrong.get("rp_id", options["rpId"]), flags=flags)
        client_data = self._client_data("webauthn.get", options, **wrong)
        signed = data + sha256(decode(client_data)).digest()
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        said = {
            "clientDataJSON": client_data,
            "authenticatorData": encode(data),
            "signature": encode(wrong.get("signature", signature)),
        }
        return self._answer(said)

    def _answer(self, response: dict[str, Any]) -> str:
        name = encode(self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )

    def _client_data(
        self, usual: str, options: dict[str, Any], *, origin: str = ORIGIN, **wrong: Any
    ) -> str:
        said = {
            "type": wrong.get("kind", usual),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": origin,
            "crossOrigin": False,
        }
        return encode(json.dumps(said).encode())

    def _data(self, rp_id: str, *, flags: int) -> bytes:
        count = self.count
        self.count += 1 if count else 0
        return sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _attested(self) -> bytes:
        length = len(self.credential_id).to_bytes(2, "big")
        return bytes(16) + length + self.credential_id + cbor2.dumps(self._public_key())

    def _public_key(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        return {1: 2, 3: -7, -1: 1, -2: x, -3: y}
