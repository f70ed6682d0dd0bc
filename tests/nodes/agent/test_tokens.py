"""Agent tokens: 60 seconds, one audience, one key, and never the same issue time twice."""

import json
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from nodes.agent import signing, tokens
from nodes.agent.encoding import canonical_json
from nodes.agent.errors import TokenInvalid, TokenOutsideItsTime
from nodes.agent.tokens import TokenIssuer

NOW = 1_800_000_000.0
AUDIENCE = "7a8b2e2c-6f1c-4c7e-9d55-2f6f0f7a1c11"


@pytest.fixture
def key() -> OKPKey:
    return signing.new_key()


@pytest.fixture
def issuer() -> TokenIssuer:
    return TokenIssuer(clock=lambda: NOW)


def issue(issuer: TokenIssuer, key: OKPKey) -> str:
    return issuer.issue(key, issuer="2", audience=AUDIENCE)


def verify(token: str, key: OKPKey, **changes: Any) -> tokens.Claims:
    values = {"key": signing.public_text(key), "audience": AUDIENCE, "now": NOW, **changes}
    return tokens.verify(token, **values)


def forged(key: OKPKey, claims: Any, *, kind: str = "JWT") -> str:
    return signing.sign(json.dumps(claims).encode(), key=key, key_id="2", kind=kind)


def test_token_names_node_key_audience_and_times(issuer: TokenIssuer, key: OKPKey) -> None:
    claims = verify(issue(issuer, key), key)
    assert (claims.issuer, claims.audience) == ("2", AUDIENCE)
    assert claims.key == signing.public_text(key)
    assert (claims.issued_at, claims.expires_at) == (int(NOW), int(NOW) + 60)


def test_issue_times_grow_strictly_though_the_clock_stands(
    issuer: TokenIssuer, key: OKPKey
) -> None:
    issued = [verify(issue(issuer, key), key).issued_at_us for _ in range(3)]
    assert issued == [int(NOW) * 10**6, int(NOW) * 10**6 + 1, int(NOW) * 10**6 + 2]


def test_issue_times_grow_though_the_clock_is_set_back(key: OKPKey) -> None:
    moments = iter([NOW, NOW - 3600])
    issuer = TokenIssuer(clock=lambda: next(moments))
    first, second = (verify(issue(issuer, key), key).issued_at_us for _ in range(2))
    assert second == first + 1


def test_offset_corrects_the_clock(issuer: TokenIssuer, key: OKPKey) -> None:
    issuer.offset = 300.0
    assert verify(issue(issuer, key), key, now=NOW + 300).issued_at == int(NOW) + 300


def test_clock_that_was_far_ahead_does_not_bind_later_tokens(
    issuer: TokenIssuer, key: OKPKey
) -> None:
    """The leader refused those from the future; it must be able to accept the next."""
    issue(issuer, key)
    issuer.offset = -7200.0
    assert verify(issue(issuer, key), key, now=NOW - 7200).issued_at == int(NOW) - 7200


def test_small_correction_keeps_the_times_growing(issuer: TokenIssuer, key: OKPKey) -> None:
    first = verify(issue(issuer, key), key).issued_at_us
    issuer.offset = -30.0
    assert verify(issue(issuer, key), key).issued_at_us == first + 1


@pytest.mark.parametrize("seconds", [-61, 61])
def test_token_outside_its_time_is_told_apart(
    issuer: TokenIssuer, key: OKPKey, seconds: int
) -> None:
    with pytest.raises(TokenOutsideItsTime):
        verify(issue(issuer, key), key, now=NOW + seconds)


@pytest.mark.parametrize("seconds", [-59, 59])
def test_clocks_may_differ_by_a_minute(issuer: TokenIssuer, key: OKPKey, seconds: int) -> None:
    assert verify(issue(issuer, key), key, now=NOW + seconds)


def test_other_audience_is_refused(issuer: TokenIssuer, key: OKPKey) -> None:
    with pytest.raises(TokenInvalid):
        verify(issue(issuer, key), key, audience="another cluster")


def test_other_key_is_refused(issuer: TokenIssuer, key: OKPKey) -> None:
    with pytest.raises(TokenInvalid):
        verify(issue(issuer, key), signing.new_key())


def test_bad_signature_outweighs_bad_time(issuer: TokenIssuer, key: OKPKey) -> None:
    """A stranger learns nothing about the leader's clock."""
    with pytest.raises(TokenInvalid):
        verify(issue(issuer, key), signing.new_key(), now=NOW + 999)


def valid_claims(key: OKPKey) -> dict[str, Any]:
    return {
        "iss": "2",
        "key": signing.public_text(key),
        "aud": AUDIENCE,
        "iat": int(NOW),
        "iat_us": int(NOW) * 10**6,
        "exp": int(NOW) + 60,
        "jti": "x",
    }


@pytest.mark.parametrize(
    "change",
    [{"iat_us": 2 * 10**15}, {"iss": 2}, {"exp": "soon"}, {"aud": None}, {"iat": 1.5}],
    ids=str,
)
def test_claims_of_another_form_are_refused(key: OKPKey, change: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        verify(forged(key, {**valid_claims(key), **change}), key)


def test_longer_life_than_a_minute_is_refused(key: OKPKey) -> None:
    with pytest.raises(TokenOutsideItsTime):
        verify(forged(key, {**valid_claims(key), "exp": int(NOW) + 3600}), key)


def test_another_use_of_the_key_is_no_token(key: OKPKey) -> None:
    with pytest.raises(TokenInvalid):
        verify(forged(key, valid_claims(key), kind=""), key)


@pytest.mark.parametrize("text", ["", "a.b.c", "é", "...."])
def test_nonsense_is_no_token(text: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.read_unverified(text)


def test_payload_that_is_no_object_is_no_token(key: OKPKey) -> None:
    with pytest.raises(TokenInvalid):
        tokens.read_unverified(forged(key, [1]))


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": "é", "a": 1}) == '{"a":1,"b":"é"}'.encode()
