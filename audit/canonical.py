"""One way to write a value down: what is hashed, and what is searched."""

import json
import re
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

MAXIMUM_BYTES = 16 * 1024
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and halves of characters, which UTF-8 does."""
PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")


def clean(text: str) -> str:
    """``text`` with what no database can hold replaced."""
    return UNSTORABLE.sub("\ufffd", text)


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no blanks: the same value is always the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def limited(details: dict[str, Any]) -> dict[str, Any]:
    """``details``, or its beginning with a digest of the whole when it passes 16 KB."""
    text = canonical_json(details)
    size = len(text.encode())
    if size <= MAXIMUM_BYTES:
        return details
    beginning = text.encode()[: MAXIMUM_BYTES // 2].decode(errors="ignore")
    return {"cut": beginning, "bytes": size, "sha256": sha256(text.encode()).hexdigest()}


def fold(text: str) -> str:
    """As it is searched: letters of either case are the same, and so are forms of one character."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return PRIVATE_USE.sub("", folded)


def leaves(value: object) -> Iterator[str]:
    """Every key and value below ``value``, as the text that a person would type to find it."""
    match value:
        case dict():
            for key, below in value.items():
                yield str(key)
                yield from leaves(below)
        case list() | tuple():
            for below in value:
                yield from leaves(below)
        case str():
            yield value
        case _:
            yield canonical_json(value)
