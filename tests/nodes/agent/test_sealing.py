"""Sealing to several nodes: each of them opens it, nobody else."""

import base64

import pytest
from pyrage import x25519

from nodes.agent.errors import SealError
from nodes.agent.sealing import open_sealed, seal


def test_each_recipient_opens_what_was_sealed() -> None:
    identities = [x25519.Identity.generate() for _ in range(4)]
    sealed = seal(b"secret", recipients=[str(key.to_public()) for key in identities])
    assert [open_sealed(sealed, identity=str(key)) for key in identities] == [b"secret"] * 4


def test_others_do_not_open_it() -> None:
    sealed = seal(b"secret", recipients=[str(x25519.Identity.generate().to_public())])
    with pytest.raises(SealError):
        open_sealed(sealed, identity=str(x25519.Identity.generate()))


def test_sealed_text_is_an_age_file() -> None:
    """The format is the ordinary one: `age -d` opens it."""
    sealed = seal(b"secret", recipients=[str(x25519.Identity.generate().to_public())])
    assert base64.b64decode(sealed).startswith(b"age-encryption.org/v1\n")


@pytest.mark.parametrize("recipients", [[], ["age1nonsense"]], ids=["none", "nonsense"])
def test_sealing_needs_real_recipients(recipients: list[str]) -> None:
    with pytest.raises(SealError):
        seal(b"secret", recipients=recipients)


@pytest.mark.parametrize("text", ["", "nonsense", "é", base64.b64encode(b"age").decode()])
def test_what_is_not_sealed_is_not_opened(text: str) -> None:
    with pytest.raises(SealError):
        open_sealed(text, identity=str(x25519.Identity.generate()))
