"""The state document: what is signed, what verifies, and what is malformed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from nodes.agent import document, signing
from nodes.agent.encoding import to_base64url
from nodes.agent.errors import (
    DocumentError,
    DocumentMalformed,
    SchemaUnsupported,
    SignatureInvalid,
    WrongSigner,
)
from nodes.agent.keys import Keys
from tests.nodes.agent.documents import make_cluster, make_document, make_node


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
def valid(keys: Keys) -> dict[str, Any]:
    return make_document(make_node(1, asdict(keys.public)))


def sign(valid: dict[str, Any], keys: Keys) -> str:
    return document.sign(valid, key=keys.identity, node_id=1)


def test_signed_document_verifies_with_its_signers_key(valid: dict[str, Any], keys: Keys) -> None:
    jws = sign(valid, keys)
    assert document.verify(jws, keys={1: keys.public.identity_key}) == valid
    assert document.read_unverified(jws) == valid


def test_header_names_algorithm_and_node(valid: dict[str, Any], keys: Keys) -> None:
    """RFC 9864: the algorithm is spelled Ed25519."""
    header, _ = signing.read_unverified(sign(valid, keys))
    assert header == {"alg": "Ed25519", "kid": "1"}


def test_other_node_is_refused_as_signer(valid: dict[str, Any], keys: Keys) -> None:
    with pytest.raises(WrongSigner):
        document.verify(sign(valid, keys), keys={2: keys.public.identity_key})


def test_other_key_is_refused(valid: dict[str, Any], keys: Keys) -> None:
    other = signing.public_text(signing.new_key())
    with pytest.raises(SignatureInvalid):
        document.verify(sign(valid, keys), keys={1: other})


def test_any_flipped_bit_is_refused(valid: dict[str, Any], keys: Keys) -> None:
    """S58 and the acceptance rules rest on this: every character of the text counts."""
    jws = sign(valid, keys)
    own = {1: keys.public.identity_key}
    places = [*range(0, len(jws), 7), len(jws) - 1]
    accepted = [place for place in places if is_accepted(flip(jws, place), own)]
    assert accepted == []


def flip(text: str, place: int) -> str:
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


def is_accepted(jws: str, own: dict[int, str]) -> bool:
    try:
        document.verify(jws, keys=own)
    except DocumentError:
        return False
    return True


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA"])
def test_other_algorithm_is_refused(valid: dict[str, Any], keys: Keys, algorithm: str) -> None:
    header = to_base64url(json.dumps({"alg": algorithm, "kid": "1"}).encode())
    _, payload, signature = sign(valid, keys).split(".")
    with pytest.raises(DocumentMalformed):
        document.verify(f"{header}.{payload}.{signature}", keys={1: keys.public.identity_key})


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "....", "é.é.é", "e30.e30."])
def test_text_that_is_no_document_is_malformed(text: str) -> None:
    with pytest.raises(DocumentMalformed):
        document.read_signer(text)


@pytest.mark.parametrize("payload", [b"[]", b"{", b"\xff", b"null"])
def test_payload_that_is_no_object_is_malformed(keys: Keys, payload: bytes) -> None:
    jws = signing.sign(payload, key=keys.identity, key_id="1")
    with pytest.raises(DocumentMalformed):
        document.verify(jws, keys={1: keys.public.identity_key})


def test_other_schema_is_refused_by_name(valid: dict[str, Any], keys: Keys) -> None:
    with pytest.raises(SchemaUnsupported):
        sign({**valid, "schema": 2}, keys)


@pytest.mark.parametrize(
    "change",
    [
        {"term": 0},
        {"term": True},
        {"term": "1"},
        {"generation": -1},
        {"generation": 1.0},
        {"leader": 2},
        {"issued_at": "yesterday"},
        {"nodes": []},
        {"nodes": [1]},
        {"nodes": None},
        {"routes": ["10.0.0.0/8"]},
        {"handover": "x"},
        {"sealed": 1},
        {"cluster": None},
        {"cluster": make_cluster(uuid="x")},
        {"cluster": make_cluster(uuid="7A8B2E2C-6F1C-4C7E-9D55-2F6F0F7A1C11")},
        {"cluster": make_cluster(vpn_network="10.5.4.1/24")},
        {"cluster": make_cluster(vpn_network="fd00::/64")},
        {"cluster": make_cluster(vpn_network="10.6.0.0/24")},
        {"cluster": make_cluster(max_nodes=0)},
        {"cluster": make_cluster(recovery_key="AAAA")},
        {"cluster": make_cluster(label="two\nlines")},
    ],
)
def test_malformed_document_is_never_signed(
    valid: dict[str, Any], keys: Keys, change: dict[str, Any]
) -> None:
    with pytest.raises(DocumentMalformed):
        sign({**valid, **change}, keys)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 0},
        {"fqdn": "-x.example.org"},
        {"fqdn": "node1.example.org; reboot"},
        {"vpn_address": "10.5.5.1"},
        {"vpn_address": "--help"},
        {"wireguard_key": "x"},
        {"wireguard_key": "remove"},
        {"identity_key": "x"},
        {"sealing_key": "age1"},
        {"endpoint": "192.0.2.1"},
        {"endpoint": "192.0.2.1:0"},
        {"endpoint": "192.0.2.1:70000"},
        {"endpoint": "192.0.2.1:1 allowed-ips"},
        {"endpoint": "192.0.2.1:1\n"},
        {"console_url": "http://192.0.2.1"},
        {"console_url": "https://"},
        {"console_url": "https://user@192.0.2.1"},
        {"console_url": "https://192.0.2.1/path"},
        {"tls_fingerprint": "AB" * 32},
        {"eligible": "yes"},
        {"status": "removed"},
    ],
    ids=str,
)
def test_malformed_node_is_never_signed(keys: Keys, change: dict[str, Any]) -> None:
    """Nothing of a node's entry can become an option or a second argument of a system tool."""
    with pytest.raises(DocumentMalformed):
        sign(make_document(make_node(1, asdict(keys.public), **change)), keys)


@pytest.mark.parametrize("name", ["id", "vpn_address", "wireguard_key", "identity_key", "status"])
def test_missing_member_is_malformed(keys: Keys, name: str) -> None:
    node = make_node(1, asdict(keys.public))
    del node[name]
    with pytest.raises(DocumentMalformed, match="missing"):
        sign(make_document(node), keys)


def test_two_nodes_never_share_a_key(keys: Keys) -> None:
    twins = [make_node(number, asdict(keys.public)) for number in (1, 2)]
    with pytest.raises(DocumentMalformed, match="share"):
        sign(make_document(*twins), keys)


@pytest.mark.parametrize("endpoint", ["", "node1.example.org:55820", "[2001:db8::1]:55820"])
def test_endpoint_is_a_name_an_address_or_nothing(keys: Keys, endpoint: str) -> None:
    assert sign(make_document(make_node(1, asdict(keys.public), endpoint=endpoint)), keys)
