"""The recovery key as people keep it."""

import json

import pytest

from cluster import recovery_key
from cluster.errors.leadership import RecoveryKeyInvalid
from nodes.agent import signing

TEXT, PUBLIC = recovery_key.generate()


@pytest.mark.parametrize(
    "kept",
    [
        TEXT,
        f"  {TEXT}\n",
        f"The cluster is created. Its recovery key, shown this once:\n{TEXT}\n",
        json.dumps({"operation": {"id": "x"}, "recovery_key": TEXT}),
        TEXT[:-8] + TEXT[-8:].upper(),
    ],
    ids=["as shown", "with spaces", "in its file", "in the answer", "upper case"],
)
def test_key_is_found_in_what_people_keep(kept: str) -> None:
    assert signing.public_text(recovery_key.parse(kept)) == PUBLIC


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "FLTR1.",
        "FLTR1.AAAA.00000000",
        TEXT[:-1],
        TEXT + "0",
        TEXT.replace("FLTR1", "FLTR2"),
        TEXT[:10] + ("A" if TEXT[10] != "A" else "B") + TEXT[11:],
        PUBLIC,
    ],
    ids=["nothing", "prefix", "wrong sum", "cut", "longer", "other version", "typo", "public half"],
)
def test_anything_else_is_no_key(kept: str) -> None:
    with pytest.raises(RecoveryKeyInvalid):
        recovery_key.parse(kept)


def test_private_half_that_is_too_short_is_no_key() -> None:
    check = recovery_key._check_of("AAAA")

    with pytest.raises(RecoveryKeyInvalid, match="length"):
        recovery_key.parse(f"FLTR1.AAAA.{check}")
