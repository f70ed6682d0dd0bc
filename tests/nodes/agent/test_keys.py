"""The node's keys: made once, private, and of the forms that other programs know."""

import stat
import subprocess
from pathlib import Path

import pytest

from nodes.agent import sealing, signing
from nodes.agent.keys import Keys


def test_keys_are_made_once(tmp_path: Path) -> None:
    assert Keys(tmp_path).public == Keys(tmp_path).public


def test_keys_of_two_nodes_differ(tmp_path: Path) -> None:
    first, second = Keys(tmp_path / "1").public, Keys(tmp_path / "2").public
    assert first.identity_key != second.identity_key
    assert first.sealing_key != second.sealing_key
    assert first.wireguard_key != second.wireguard_key


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    assert keys.public
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"identity.key": 0o600, "sealing.key": 0o600, "wireguard.key": 0o600}


def test_wireguard_key_is_what_wg_makes_of_it(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    public = keys.wireguard_public
    private = keys.wireguard_path.read_text()
    said = subprocess.run(["wg", "pubkey"], input=private, capture_output=True, text=True)
    assert said.stdout.strip() == public


def test_sealing_key_opens_what_is_sealed_to_its_public_half(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    sealed = sealing.seal(b"text", recipients=[keys.public.sealing_key])
    assert sealing.open_sealed(sealed, identity=keys.sealing) == b"text"


def test_identity_signs_what_its_public_half_verifies(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    jws = signing.sign(b"text", key=keys.identity, key_id="1")
    assert signing.verify(jws, key=keys.public.identity_key) == b"text"


def test_other_spelling_of_a_signature_is_refused(tmp_path: Path) -> None:
    """The last character of a signature has bits that stand for nothing."""
    keys = Keys(tmp_path)
    jws = signing.sign(b"text", key=keys.identity, key_id="1")
    respelled = jws[:-1] + chr(ord(jws[-1]) + 1)
    with pytest.raises(signing.SignatureRejected):
        signing.verify(respelled, key=keys.public.identity_key)
