"""Join codes as text: what is wrong with one is told apart where it is pasted (S12)."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster import codes
from cluster.errors.joining import (
    JoinCodeCorrupted,
    JoinCodeMalformed,
    JoinCodeMissing,
    JoinCodeTruncated,
)
from config.errors import DomainError

CODE = codes.JoinCodeText(
    urls=("https://node1.example.org:8443", "https://192.0.2.1:8443"),
    tls_fingerprint="ab" * 32,
    cluster="6b2f2f0e-1f0f-4a39-9b1a-3c1a0c6b8f10",
    id="0d9c7b1e-70c8-4b6c-8f3d-6a4f2f0f9d11",
    secret="k3J9x0bR2m5WqYt7uPzLsA",
    expires=datetime(2026, 11, 22, 11, 0, tzinfo=UTC),
)
TEXT = codes.encode(CODE)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def packed(**changes: object) -> str:
    """A code with other members and a sound checksum."""
    body = TEXT.removeprefix(codes.PREFIX)
    members = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    del members["check"]
    members.update(changes)
    members["check"] = codes._check_of(members)
    return codes.PREFIX + base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip(
        "="
    )


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_at_all_is_asked_for(text: str) -> None:
    with pytest.raises(JoinCodeMissing):
        codes.decode(text)


def test_code_survives_the_round_trip() -> None:
    assert codes.decode(TEXT) == CODE


def test_code_survives_line_breaks_and_spaces_of_a_terminal() -> None:
    broken = " " + TEXT[:40] + "\r\n  " + TEXT[40:80] + "\n" + TEXT[80:] + "\n"

    assert codes.decode(broken) == CODE


def test_repr_does_not_show_the_secret() -> None:
    assert CODE.secret not in repr(CODE)


@pytest.mark.parametrize("text", ["hello", "FLT2.abc", "ünïcode", "x" * 10_000, "{}", "flt1.abc"])
def test_text_without_the_prefix_is_malformed(text: str) -> None:
    with pytest.raises(JoinCodeMalformed):
        codes.decode(text)


def test_endless_code_is_malformed_before_it_is_read() -> None:
    with pytest.raises(JoinCodeMalformed):
        codes.decode(codes.PREFIX + "A" * 9000)


@given(st.integers(min_value=1, max_value=len(TEXT) - 1))
def test_code_cut_anywhere_is_truncated(length: int) -> None:
    with pytest.raises(JoinCodeTruncated):
        codes.decode(TEXT[:length])


@given(st.integers(min_value=len(codes.PREFIX), max_value=len(TEXT) - 1), st.sampled_from(ALPHABET))
def test_code_with_one_other_character_never_opens(position: int, character: str) -> None:
    altered = TEXT[:position] + character + TEXT[position + 1 :]
    same_bytes = _bytes_of(altered) == _bytes_of(TEXT)

    outcome = _outcome_of(altered)

    assert outcome == ("opened" if same_bytes else "join_code_corrupted")


def _bytes_of(text: str) -> bytes:
    body = text.removeprefix(codes.PREFIX)
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))


def _outcome_of(text: str) -> str:
    try:
        codes.decode(text)
    except DomainError as error:
        return error.code
    return "opened"


@given(st.text(max_size=300))
def test_any_text_gives_one_of_the_named_errors(text: str) -> None:
    with pytest.raises((JoinCodeMalformed, JoinCodeTruncated, JoinCodeCorrupted)):
        codes.decode(codes.PREFIX + text)


@pytest.mark.parametrize("body", ["[" * 5000, "[1]", '"x"', "1" * 5000, "null"])
def test_sound_base64_of_something_else_is_corrupted(body: str) -> None:
    text = codes.PREFIX + base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")

    with pytest.raises((JoinCodeCorrupted, JoinCodeTruncated)):
        codes.decode(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"urls": []},
        {"urls": "https://x"},
        {"urls": [1]},
        {"urls": ["http://node1.example.org"]},
        {"secret": None},
        {"expires": "soon"},
        {"expires": "2026-11-22T11:00:00"},
        {"expires": 5},
    ],
    ids=str,
)
def test_sound_checksum_over_other_members_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(JoinCodeMalformed):
        codes.decode(packed(**changes))
