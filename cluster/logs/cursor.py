"""Where a search goes on: a day, and how far each node's file of it was read."""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass, field
from datetime import date

LONGEST = 65_536


class NoCursor(ValueError):
    """It was never handed out."""


@dataclass(slots=True)
class Cursor:
    """``at`` has an offset for each node that was there when the page before was made."""

    day: date
    at: dict[int, int] = field(default_factory=dict)


def write_cursor(cursor: Cursor) -> str:
    """For an address."""
    text = json.dumps([cursor.day.isoformat(), cursor.at], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Raises NoCursor."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        day, at = json.loads(zlib.decompressobj().decompress(packed, LONGEST))
        offsets = {int(node): _offset(offset) for node, offset in at.items()}
        return Cursor(date.fromisoformat(day), offsets)
    except (ValueError, TypeError, AttributeError, binascii.Error, zlib.error) as error:
        raise NoCursor(text[:50]) from error


def _offset(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**48:
        raise NoCursor(str(value)[:50])
    return value
