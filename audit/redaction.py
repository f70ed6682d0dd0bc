"""No secret enters the trail: by the name of what holds it, and by what it looks like."""

import re
from collections.abc import Mapping
from typing import Any

from audit.canonical import clean

REDACTED = "[redacted]"
SECRET_NAME = re.compile(
    r"passw|secret|token|credential|otp|authorization|cookie|private.?key", re.IGNORECASE
)
SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|AGE-SECRET-KEY-1[0-9A-Z]+"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|\bFLT1\.[\w-]+"
    r"|\bflt_\w+"
    r"|(?<=Bearer )\S+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",
    re.DOTALL | re.IGNORECASE,
)


def redact(details: Mapping[str, object]) -> dict[str, Any]:
    """``details`` without secrets, and with text that every database can hold."""
    return {clean(str(name)): _redact(str(name), value) for name, value in details.items()}


def redact_text(text: str) -> str:
    """``text`` without what looks like a secret."""
    return SECRET_VALUE.sub(REDACTED, clean(text))


def _redact(name: str, value: object) -> Any:
    match value:
        case bool() | None:
            return value
        case _ if SECRET_NAME.search(name):
            return REDACTED
        case Mapping():
            return redact(value)
        case list() | tuple() | set() | frozenset():
            return [_redact(name, each) for each in value]
        case int() | float():
            return value
        case _:
            return redact_text(str(value))
