"""Agent tokens: JWTs of 60 seconds by which a node proves itself to the leader, each used once."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from joserfc.jwk import OKPKey

from nodes.agent import signing
from nodes.agent.encoding import canonical_json, read_object
from nodes.agent.errors import TokenInvalid, TokenOutsideItsTime

LIFETIME = 60
"""Seconds; also the most that two clocks may differ."""
NEW_NODE = "new"
"""Issuer of a machine that has no node id yet."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says, once its signature was checked."""

    issuer: str
    key: str
    audience: str
    issued_at: int
    issued_at_us: int
    """Microseconds; strictly increasing for one node, so that an older or equal one is a replay."""
    expires_at: int
    id: str


class TokenIssuer:
    """Makes tokens whose issue times grow strictly, even when the clock is set back."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._offset = 0.0
        self._clock = clock
        self._last_us = 0
        self._lock = threading.Lock()

    @property
    def offset(self) -> float:
        """Seconds that the leader's clock is ahead of ours."""
        return self._offset

    @offset.setter
    def offset(self, seconds: float) -> None:
        """Set back far, the times begin anew: no leader has accepted those that were too early."""
        with self._lock:
            if seconds < self._offset - LIFETIME:
                self._last_us = 0
            self._offset = seconds

    def issue(self, key: OKPKey, *, issuer: str, audience: str) -> str:
        """A token for ``audience``, signed by this node's identity key."""
        issued_us = self._next_us()
        issued = issued_us // 1_000_000
        claims = {
            "iss": issuer,
            "key": signing.public_text(key),
            "aud": audience,
            "iat": issued,
            "iat_us": issued_us,
            "exp": issued + LIFETIME,
            "jti": secrets.token_urlsafe(16),
        }
        return signing.sign(canonical_json(claims), key=key, key_id=issuer, kind="JWT")

    def _next_us(self) -> int:
        with self._lock:
            now_us = int((self._clock() + self._offset) * 1_000_000)
            self._last_us = max(self._last_us + 1, now_us)
            return self._last_us


def read_unverified(token: str) -> Claims:
    """The claims before anybody vouches for them; raises TokenInvalid."""
    try:
        header, payload = signing.read_unverified(token)
        claims = _parse(payload)
    except (signing.SignatureRejected, ValueError) as error:
        raise TokenInvalid from error
    if header.get("typ") != "JWT":
        raise TokenInvalid
    return claims


def verify(token: str, *, key: str, audience: str, now: float) -> Claims:
    """The claims, if ``key`` signed them for ``audience`` and ``now`` (seconds) is inside their
    time.

    Raises TokenInvalid, or TokenOutsideItsTime once the signature is known to be good. Whether
    the token was used before is for the caller to decide by ``issued_at_us``.
    """
    claims = read_unverified(token)
    try:
        signing.verify(token, key=key)
    except signing.SignatureRejected as error:
        raise TokenInvalid from error
    if claims.audience != audience or claims.key != key:
        raise TokenInvalid
    if not claims.issued_at - LIFETIME <= now <= claims.expires_at <= claims.issued_at + LIFETIME:
        raise TokenOutsideItsTime
    return claims


def _parse(payload: bytes) -> Claims:
    source = read_object(payload)
    texts = [source.get(name) for name in ("iss", "key", "aud", "jti")]
    numbers = [source.get(name) for name in ("iat", "iat_us", "exp")]
    if not all(isinstance(value, str) for value in texts):
        raise ValueError("a claim is not a text")
    if not all(isinstance(value, int) for value in numbers):
        raise ValueError("a claim is not a number")
    if source["iat_us"] // 1_000_000 != source["iat"]:
        raise ValueError("iat and iat_us differ")
    return Claims(
        issuer=source["iss"],
        key=source["key"],
        audience=source["aud"],
        issued_at=source["iat"],
        issued_at_us=source["iat_us"],
        expires_at=source["exp"],
        id=source["jti"],
    )
