"""Signatures, whatever the size of what is signed."""

import pytest

from nodes.agent import signing
from nodes.agent.encoding import to_base64url
from nodes.agent.signing import SignatureRejected


def test_state_of_a_large_cluster_is_verified() -> None:
    """A thousand administrators and two hundred nodes are most of a megabyte."""
    key, payload = signing.new_key(), b"x" * 1_000_000

    signed = signing.sign(payload, key=key, key_id="1")

    assert signing.verify(signed, key=signing.public_text(key)) == payload


def test_other_algorithm_is_not_verified() -> None:
    key = signing.new_key()
    header, payload, signature = signing.sign(b"{}", key=key, key_id="1").split(".")
    other = to_base64url(b'{"alg":"EdDSA","kid":"1"}')

    with pytest.raises(SignatureRejected):
        signing.verify(f"{other}.{payload}.{signature}", key=signing.public_text(key))

    assert header != other
