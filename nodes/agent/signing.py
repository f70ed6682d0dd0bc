"""Ed25519 signatures as compact JWS (RFC 7515, RFC 9864), and their keys as base64url text."""

from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from nodes.agent.encoding import KEY_BYTES, from_base64url, read_object

ALGORITHM: Final = "Ed25519"
MAX_BYTES = 8 * 1024 * 1024


class _Registry(jws.JWSRegistry):
    """One algorithm, and room for the state of a large cluster: the library's limit is 128 kB."""

    max_payload_length = MAX_BYTES


REGISTRY = _Registry(algorithms=[ALGORITHM])


class SignatureRejected(Exception):
    """The text is no JWS, or not one by this key."""


def new_key() -> OKPKey:
    """A new Ed25519 key pair."""
    return OKPKey.generate_key(ALGORITHM, auto_kid=False)


def public_text(key: OKPKey) -> str:
    """The public half: 32 bytes as base64url without padding."""
    return str(key.as_dict(private=False)["x"])


def private_text(key: OKPKey) -> str:
    """The private half: 32 bytes as base64url without padding."""
    return str(key.as_dict(private=True)["d"])


def load_private(text: str) -> OKPKey:
    """The key pair whose private half is ``text``; raises ValueError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = from_base64url(text)
    if len(raw) != KEY_BYTES:
        raise ValueError("not an Ed25519 private key")
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(raw))


def load_public(text: str) -> OKPKey:
    """The key whose public half is ``text``; raises ValueError."""
    if len(from_base64url(text)) != KEY_BYTES:
        raise ValueError("not an Ed25519 public key")
    return OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": text})


def sign(payload: bytes, *, key: OKPKey, key_id: str, kind: str = "") -> str:
    """Sign as compact JWS; ``kind`` is the ``typ`` that tells one use of the key from another."""
    header = {"alg": ALGORITHM, "kid": key_id} | ({"typ": kind} if kind else {})
    return jws.serialize_compact(header, payload, key, registry=REGISTRY)


def verify(text: str, *, key: str) -> bytes:
    """The payload, if ``key`` signed it; raises SignatureRejected."""
    try:
        signed = jws.deserialize_compact(text, load_public(key), registry=REGISTRY)
    except (JoseError, ValueError) as error:
        raise SignatureRejected(str(error)) from error
    return bytes(signed.payload)


def read_unverified(text: str) -> tuple[dict[str, Any], bytes]:
    """Header and payload, trusted by nobody; raises SignatureRejected when it has no such form."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > MAX_BYTES:
        raise SignatureRejected("not a compact JWS")
    try:
        header = read_object(from_base64url(parts[0]))
        payload = from_base64url(parts[1])
        from_base64url(parts[2])
    except ValueError as error:
        raise SignatureRejected("not a compact JWS") from error
    if header.get("alg") != ALGORITHM:
        raise SignatureRejected(f"not signed with {ALGORITHM}")
    return header, payload
