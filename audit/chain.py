"""Each event's hash covers the event and the hash before it: nobody changes one unseen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from audit.canonical import canonical_json

if TYPE_CHECKING:
    from audit.models import AuditEvent

VERSION = 2
"""Which fields the hash covers: 1 knew neither the term nor how the user was verified."""
GENESIS = "0" * 64
"""What stands before the first event."""
_FIRST = (
    *("id", "time", "user", "user_kind", "action", "outcome"),
    *("target_kind", "target_id", "target_label", "node", "source", "user_agent"),
    *("interface", "request_id", "operation", "details_digest"),
)
HASHED = {1: _FIRST, 2: (*_FIRST, "term", "verified")}
"""By version, in an order that is fixed for ever; a new field makes a new version."""


def details_digest(event: "AuditEvent") -> str:
    """Of the event's details."""
    return digest(canonical_json(event.details), salt=event.details_salt)


def digest(details: str, *, salt: str) -> str:
    """SHA-256(salt ‖ details): the chain covers this, so details may expire one day."""
    return digest_bytes(details.encode(), salt=salt)


def digest_bytes(details: bytes, *, salt: str) -> str:
    """The same, of details that are bytes already."""
    return sha256(bytes.fromhex(salt) + details).hexdigest()


def event_hash(event: "AuditEvent", *, previous: str) -> str:
    """Of the event, after the one whose hash is ``previous``."""
    names = HASHED[event.version]
    return link([getattr(event, name) for name in names], version=event.version, previous=previous)


def link(values: Sequence[object], *, version: int, previous: str) -> str:
    """SHA-256(previous ‖ version ‖ each field behind its length)."""
    texts = [(each if type(each) is str else as_text(each)).encode() for each in values]
    return link_bytes(texts, version=version, previous=previous)


def link_bytes(texts: Sequence[bytes], *, version: int, previous: str) -> str:
    """The same, of fields that are text in bytes already."""
    fields = chain.from_iterable(zip(map(_SIZES.__getitem__, map(len, texts)), texts, strict=True))
    return sha256(b"".join((bytes.fromhex(previous), b"%d" % version, *fields))).hexdigest()


def as_text(value: object) -> str:
    """One way to write each kind of value."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return f"{utc.isoformat(timespec='microseconds')[:26]}Z"
    return str(value)


class _Sizes(dict[int, bytes]):
    """A length in eight bytes, worked out once."""

    def __missing__(self, size: int) -> bytes:
        return size.to_bytes(8, "big")


_SIZES = _Sizes((size, size.to_bytes(8, "big")) for size in range(1024))
