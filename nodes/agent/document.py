"""The state document as it travels: a compact JWS, signed by the leader's identity key."""

from collections.abc import Mapping
from typing import Any

from joserfc.jwk import OKPKey

from nodes.agent import signing
from nodes.agent.encoding import canonical_json, read_object
from nodes.agent.errors import DocumentMalformed, SignatureInvalid, WrongSigner
from nodes.agent.state import State

Document = dict[str, Any]


def sign(document: Mapping[str, Any], *, key: OKPKey, node_id: int) -> str:
    """Check the document and sign it as node ``node_id``; raises DocumentError."""
    State.parse(document)
    return signing.sign(canonical_json(document), key=key, key_id=str(node_id))


def verify(jws: str, *, keys: Mapping[int, str]) -> Document:
    """The document, if its signer is one of ``keys`` (node id to public key); raises
    DocumentError.
    """
    signer = read_signer(jws)
    if signer not in keys:
        raise WrongSigner(signer=f"node {signer}", leader=", ".join(map(str, keys)))
    try:
        payload = signing.verify(jws, key=keys[signer])
    except signing.SignatureRejected as error:
        raise SignatureInvalid from error
    document = _load(payload)
    State.parse(document)
    return document


def read_unverified(jws: str) -> Document:
    """The document before anybody vouches for it; raises DocumentMalformed."""
    return _load(_read(jws)[1])


def read_signer(jws: str) -> int:
    """The node id that the header names; raises DocumentMalformed."""
    header, _ = _read(jws)
    try:
        return int(header["kid"])
    except (KeyError, TypeError, ValueError) as error:
        raise DocumentMalformed(problem="its header names no node") from error


def _read(jws: str) -> tuple[dict[str, Any], bytes]:
    try:
        return signing.read_unverified(jws)
    except signing.SignatureRejected as error:
        raise DocumentMalformed(problem=error) from error


def _load(payload: bytes) -> Document:
    try:
        return read_object(payload)
    except ValueError as error:
        raise DocumentMalformed(problem="it is not a JSON object") from error
