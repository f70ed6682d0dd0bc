"""JSON from strangers: what cannot be stored, or would take too much to read, is refused as bad."""

import json
import math
import re
from typing import Any, NoReturn

_SUSPICIOUS = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
"""NUL, which no text column takes, and surrogates, of which half a pair is no text at all."""


def loads(raw: bytes) -> Any:
    """The value of a UTF-8 JSON text; raises ValueError for anything else.

    Refused beyond the grammar: NaN and infinities (RFC 8259 has none), NUL, half a surrogate pair,
    and a nesting that is too deep to read.
    """
    try:
        value = json.loads(raw.decode(), parse_constant=_refuse, parse_float=_parse_float)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _SUSPICIOUS.search(raw):
        _check_storable(value)
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _parse_float(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def _check_storable(value: Any) -> None:
    """Raises UnicodeEncodeError, a ValueError, for half a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text:
        raise ValueError("it contains NUL")
