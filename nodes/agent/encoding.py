"""Text forms of binary values: base64url without padding, and JSON with one spelling."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

KEY_BYTES = 32


def to_base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The bytes of unpadded base64url; raises ValueError for anything else, also for stray bits."""
    padded = text + "=" * (-len(text) % 4)
    try:
        value = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if to_base64url(value) != text:
        raise ValueError("not canonical base64url")
    return value


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """The one spelling of a JSON object: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def read_object(content: bytes | str) -> dict[str, Any]:
    """The JSON object that others wrote; raises ValueError, also for one that is nested too deeply
    to be read.
    """
    try:
        value = json.loads(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value
