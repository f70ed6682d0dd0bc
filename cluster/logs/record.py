"""One line of a log, harmless to whoever shows it."""

import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
"""RFC 5424, 6.2.1: the number is the place in this list."""
MOMENT = slice(13, 39)
"""Where a line says when it was received: it begins ``{"received":"2026-11-22T18:34:57.663534``."""
DIGIT = "0123456789"


@dataclass(frozen=True, slots=True)
class Record:
    """What was said, by whom and when; ``node`` by the address that it came from."""

    id: str
    node: int
    received: datetime
    reported: str
    severity: str
    facility: str
    program: str
    unit: str
    application: str
    message: str


def read_record(line: bytes, *, node: int) -> Record | None:
    """None for what is no record: the disk was full, or somebody has edited the file."""
    try:
        found: dict[str, Any] = json.loads(line.decode(errors="replace"))
        received = datetime.fromisoformat(str(found["received"])).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        return None
    names = ("id", "reported", "facility", "program", "unit", "application", "message")
    texts = {name: harmless(str(found.get(name, ""))) for name in names}
    severity = SEVERITIES[read_severity(str(found.get("severity", "")))]
    return Record(node=node, received=received, severity=severity, **texts)


def read_severity(text: str) -> int:
    """What says none is information."""
    return int(text) if len(text) == 1 and text in "01234567" else SEVERITIES.index("info")


def moment_of(line: bytes) -> str:
    """When it was received, as text that sorts; empty for what is no record."""
    text = line[MOMENT].decode(errors="replace")
    return text if text[:1] in DIGIT and text[10:11] == "T" else ""


def harmless(text: str) -> str:
    """One line without control characters, and without those that turn text around."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_harmless, text))


def _harmless(character: str) -> str:
    is_plain = unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return character if is_plain else f"\\u{ord(character):04x}"
